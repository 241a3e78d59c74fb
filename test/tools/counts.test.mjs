import assert from "node:assert/strict";
import { test } from "node:test";
import { countTests, skippedTitles, spellCounts } from "../../tools/test/counts.mjs";

test("the summaries of node:test count in both of its forms", () => {
  const tap = "# tests 5\n# pass 2\n# fail 1\n# cancelled 1\n# skipped 1\n# todo 0\n";
  const spec = "ℹ pass 10\nℹ fail 0\nℹ skipped 2\n";
  assert.deepEqual(countTests(tap + spec), { passed: 12, failed: 2, skipped: 3 });
});

test("every crate's summary of cargo counts", () => {
  const text = [
    "test result: ok. 7 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s",
    "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s",
  ];
  assert.deepEqual(countTests(text.join("\n")), { passed: 8, failed: 2, skipped: 1 });
});

test("a last line of our own counts with and without skipped tests", () => {
  assert.deepEqual(countTests("3 passed, 1 failed\n4 passed, 0 failed, 2 skipped"), {
    passed: 7,
    failed: 1,
    skipped: 2,
  });
});

test("words that only look like a summary do not count", () => {
  assert.deepEqual(countTests("# passing 3\nsome 3 passed, 1 failed\nok 1 - pass 4"), {
    passed: 0,
    failed: 0,
    skipped: 0,
  });
});

test("skipped tests are named with their reasons", () => {
  const text =
    "ok 1 - runs docker # SKIP docker is not installed\n    ok 2 - runs # SKIP\n﹣ runs ctr (0.1ms) # no ctr\n";
  assert.deepEqual(skippedTitles(text), [
    "runs docker: docker is not installed",
    "runs: no reason was given",
    "runs ctr: no ctr",
  ]);
});

test("the last line names skipped tests only if there are any", () => {
  assert.equal(spellCounts({ passed: 2, failed: 0, skipped: 0 }), "2 passed, 0 failed");
  assert.equal(spellCounts({ passed: 2, failed: 1, skipped: 3 }), "2 passed, 1 failed, 3 skipped");
});
