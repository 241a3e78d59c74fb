import assert from "node:assert/strict";
import { test } from "node:test";
import { chapters } from "../../conformance/chapters/index.js";
import peers from "../../conformance/peers.json" with { type: "json" };

const names = chapters.flatMap((chapter) => chapter.checks.map((check) => `${chapter.name}/${check.name}`));

test("every conformance check has a name of its own", () => {
  assert.deepEqual(
    names.filter((name, index) => names.indexOf(name) !== index),
    [],
  );
});

test("every excuse of a peer belongs to a check and has a reason", () => {
  const excuses = peers.flatMap(({ cannot }) => Object.entries<string>(cannot));
  assert.deepEqual(
    excuses.filter(([name, reason]) => !names.includes(name) || reason.length < 5),
    [],
  );
});

test("tsrun has no excuses, under whatever version line it shows", () => {
  for (const line of ["tsrun version 0.1.0", "runc version 0.1.0", "crun version 0.1.0", "runc version 1.3.0"])
    assert.deepEqual(
      peers.filter(({ version }) => line.startsWith(version)),
      [],
    );
});
