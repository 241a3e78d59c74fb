import assert from "node:assert/strict";
import { test } from "node:test";
import { rfc3339 } from "../../src/core/time.js";

test("the time is written as Date writes it, for every day of four centuries and odd moments", () => {
  for (let day = -40_000; day < 110_000; day += 1) {
    const moment = day * 86_400_000 + ((((day * 7_654_321) % 86_400_000) + 86_400_000) % 86_400_000);
    assert.equal(rfc3339(moment), new Date(moment).toISOString());
  }
});

test("a fraction of a millisecond is cut off", () => {
  assert.equal(rfc3339(1.9), "1970-01-01T00:00:00.001Z");
});
