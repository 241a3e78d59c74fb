import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

const root = new URL("../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8");

/** A part of the generator; it is no TypeScript. */
async function generator<Part>(name: string): Promise<Part> {
  return (await import(new URL(`schemas/generate/${name}.mjs`, root).href)) as Part;
}

const { types } = await generator<{ types: (name: string) => Promise<string> }>("types");
const { configValidator } = await generator<{ configValidator: () => Promise<string> }>("config-validator");
const { plainValidator } = await generator<{ plainValidator: (name: string) => Promise<string> }>("plain-validator");

for (const file of readdirSync(new URL("schemas/", root)).filter((name) => name.endsWith(".schema.json"))) {
  const name = file.slice(0, -".schema.json".length);
  test(`what was generated from ${file} is what the schema says now`, async () => {
    assert.equal(read(`src/core/generated/${name}.ts`), await types(name));
    assert.equal(read(`build/validators/${name}.js`), await plainValidator(name));
  });

  test(`the types of ${file} are readonly, and their 64-bit integers exact`, () => {
    const lines = read(`src/core/generated/${name}.ts`).split("\n");
    const members = lines.filter((line) => /^\s*(readonly )?("?[\w$]+"?|\[k: string\])\??: /.test(line));
    assert.ok(members.length > 5);
    for (const line of members) {
      assert.match(line, /^\s*readonly /);
      assert.doesNotMatch(line, /\b(any|unknown)\b/);
    }
  });
}

test("the validator of config.json is what the schema says now, and small enough to be loaded at every start", async () => {
  const text = read("src/core/generated/validate-config.ts");
  assert.equal(text, await configValidator());
  assert.ok(text.length < 16_384, `${text.length} bytes`);
  assert.doesNotMatch(text, /require\(|instancePath|schemaPath/);
});

test("limits and the like are number or bigint, ids are numbers", () => {
  const text = read("src/core/generated/config.ts");
  assert.match(text, /^export type Uint64 = number \| bigint$/m);
  assert.match(text, /^export type Int64 = number \| bigint$/m);
  assert.match(text, /^export type Id = number$/m);
});
