// What callers and people expect of the command: every expectation has its row, with the tests that prove it or with what is missing.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { chapters } from "../../conformance/chapters/index.ts";
import { root } from "../../tools/build/paths.mjs";

/** By the numbers of the catalogue of what runc and crun do; the letters say what it is about. */
const rows = JSON.parse(readFileSync(`${root}/test/house/interface.json`, "utf8"));
const entries = Object.entries(rows);

/** Numbers of each kind, from 1; those in `without` are about what hardly anybody uses. */
const catalogue = {
  CLI: { last: 6 },
  GLB: { last: 7 },
  CMD: { last: 37, without: [8, 28, 34] },
  ENV: { last: 6 },
  EXI: { last: 2 },
  LOG: { last: 7 },
  FIL: { last: 7 },
  ROO: { last: 5 },
  OUT: { last: 9 },
  CTD: { last: 7 },
  POD: { last: 8 },
  BEH: { last: 11 },
};

const checks = new Set(chapters.flatMap((chapter) => chapter.checks.map(({ name }) => `${chapter.name}/${name}`)));

/** `chapter/check`, or `test/file.test.ts: words of a title or of the row of a table`; no words stand for the whole file. */
function exists(name) {
  const [, path, words] = /^(test\/\S+): (.*)$/.exec(name) ?? [];
  if (path === undefined) return checks.has(name);
  return existsSync(`${root}/${path}`) && readFileSync(`${root}/${path}`, "utf8").includes(words);
}

test("every number of the catalogue has its row, and no row has another", () => {
  const expected = Object.entries(catalogue).flatMap(([kind, { last, without = [] }]) =>
    Array.from({ length: last }, (_, index) => index + 1)
      .filter((number) => !without.includes(number))
      .map((number) => `${kind}-${String(number).padStart(2, "0")}`),
  );
  assert.deepEqual(Object.keys(rows), expected);
});

test("every row says what it is about, and names tests or what is missing", () => {
  const good = ({ what, tests, missing }) =>
    what !== "" && ((tests?.length ?? 0) > 0 || (typeof missing === "string" && missing !== ""));
  assert.deepEqual(
    entries.filter(([, row]) => !good(row)).map(([id]) => id),
    [],
  );
});

test("the tests that rows name exist", () => {
  assert.deepEqual(
    entries.flatMap(([id, { tests = [] }]) => tests.filter((name) => !exists(name)).map((name) => `${id}: ${name}`)),
    [],
  );
});

test("what is not proved yet is told where the tests are read", (t) => {
  for (const [id, { what, missing }] of entries) if (missing !== undefined) t.diagnostic(`${id} (${what}): ${missing}`);
});
