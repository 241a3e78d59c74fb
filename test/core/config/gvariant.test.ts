import assert from "node:assert/strict";
import { test } from "node:test";
import { parseGvariant } from "../../../src/core/config/gvariant.js";

const values: readonly (readonly [string, string, unknown])[] = [
  ["15", "i", 15],
  ["-0x10", "i", -16],
  ["uint64 18446744073709551615", "t", "18446744073709551615"],
  ["byte 255", "y", 255],
  ["true", "b", true],
  ["'it\\'s'", "s", "it's"],
  ['"two words"', "s", "two words"],
  ["['a', 'b']", "as", ["a", "b"]],
  ["@as []", "as", []],
  ["[('x', uint64 5)]", "a(st)", [["x", "5"]]],
];

for (const [text, type, value] of values)
  test(`${text} is a value of type ${type}`, () => {
    assert.deepEqual(parseGvariant(text), { type, value });
  });

for (const text of [
  "",
  "x",
  "'open",
  "[1, 'a']",
  "[]",
  "2147483648",
  "byte 256",
  "1 2",
  "(1",
  "uint32 -1",
  "boolean 1",
  "()",
])
  test(`${JSON.stringify(text)} is no value`, () => {
    assert.equal(parseGvariant(text), undefined);
  });
