// Every property of the specification has its row: who plans it, who proves it, or why it is refused.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { chapters } from "../../conformance/chapters/index.ts";
import { examine } from "../../src/core/config/read.ts";
import { root } from "../../tools/build/paths.mjs";
import { page } from "../../tools/spec.mjs";
import { coverage, properties, rowOf } from "../../tools/spec/coverage.mjs";

const rows = Object.entries(coverage);
const checks = new Set(chapters.flatMap((chapter) => chapter.checks.map(({ name }) => `${chapter.name}/${name}`)));
/** More properties than these in one row would say nothing about each of them. */
const mostInRow = 7;

/** `chapter/check`, or `test/file.test.ts: title`. */
function isTest(name) {
  const [, path, title] = /^(test\/\S+): (.+)$/.exec(name) ?? [];
  if (path === undefined) return checks.has(name);
  return existsSync(`${root}/${path}`) && readFileSync(`${root}/${path}`, "utf8").includes(title);
}

/** What `examine` says against a bundle that is good but for these members. */
function problemsWith(members) {
  const { process = {}, ...rest } = members;
  const config = {
    ociVersion: "1.3.0",
    root: { path: "rootfs" },
    process: { cwd: "/", args: ["x"], ...process },
    ...rest,
  };
  return examine(JSON.stringify(config)).problems;
}

const fits = (pointer, property) =>
  new RegExp(`^${property.replaceAll("*", "[^/]+")}(/|$)`).test(pointer) || property.startsWith(`${pointer}/`);

test("every property has a row, and every row has properties", () => {
  assert.deepEqual(
    properties().filter((property) => rowOf(property) === undefined),
    [],
  );
  const used = properties().map((property) => rowOf(property));
  assert.deepEqual(
    rows.map(([pointer]) => pointer).filter((pointer) => !used.includes(pointer)),
    [],
  );
  assert.deepEqual(
    rows.map(([pointer]) => pointer).filter((row) => used.filter((pointer) => pointer === row).length > mostInRow),
    [],
  );
});

test("every row says one thing: planned and proved, planned without a test, refused, or ignored", () => {
  const kind = ({ plan, tests, untested, refused, ignored }) =>
    (plan !== undefined && tests?.length > 0 !== (untested === true) ? 1 : 0) +
    (typeof refused === "string" && refused !== "" && plan === undefined ? 1 : 0) +
    (typeof ignored === "string" && ignored !== "" && plan === undefined ? 1 : 0);
  assert.deepEqual(
    rows.filter(([, row]) => kind(row) !== 1).map(([pointer]) => pointer),
    [],
  );
});

test("the plan files and the tests of every row exist", () => {
  const missing = rows.flatMap(([pointer, { plan, tests = [] }]) => [
    ...(plan === undefined || existsSync(`${root}/${plan}`) ? [] : [`${pointer}: ${plan}`]),
    ...tests.filter((name) => !isTest(name)).map((name) => `${pointer}: ${name}`),
  ]);
  assert.deepEqual(missing, []);
});

test("what a row calls refused is refused as not supported", () => {
  for (const [property, { refused, example }] of rows) {
    if (refused === undefined) continue;
    const said = problemsWith(example);
    assert.ok(
      said.some(({ code, pointer }) => code === "unsupported" && fits(pointer, property)),
      `${property}: ${JSON.stringify(said)}`,
    );
  }
});

test("docs/spec.md is what npm run docs:spec writes", () => {
  assert.equal(readFileSync(`${root}/docs/spec.md`, "utf8"), page());
});
