import assert from "node:assert/strict";
import { test } from "node:test";
import { checkId } from "../../../src/core/lifecycle/id.js";

for (const id of ["a", "A_b+c.d-9", "..a", "-x", "0".repeat(255)]) {
  test(`a container may be called ${id.slice(0, 20)}`, () => {
    checkId(id);
  });
}

for (const id of ["", ".", "..", "a/b", "a b", "a\0b", "a\n", "é", "😀", "0".repeat(256), "0".repeat(300)]) {
  test(`no container may be called ${JSON.stringify(id.slice(0, 20))}`, () => {
    assert.throws(
      () => {
        checkId(id);
      },
      { code: "usage", message: `invalid container ID format: ${JSON.stringify(id)}` },
    );
  });
}
