import assert from "node:assert/strict";
import { test } from "node:test";
import { globalOptions, optionsOf } from "../../../src/core/command/grammar.js";
import { readValues, wholeNumber } from "../../../src/core/command/read.js";

test("values come out in their own kinds, and empty ones not at all", () => {
  const values = { bundle: "b", config: "", "no-pivot": true, "no-new-keyring": false, "preserve-fds": "007", $0: "x" };
  assert.deepEqual(readValues(optionsOf("create"), values), {
    bundle: "b",
    "no-pivot": true,
    "no-new-keyring": false,
    "preserve-fds": 7,
  });
});

const refused: readonly (readonly [name: string, value: string, sentence: string])[] = [
  ["log-format", "xml", 'invalid log-format: "xml", expected text or json'],
  ["rootless", "maybe", 'invalid value of --rootless: expected true, false or auto, found "maybe"'],
  ["cgroup-manager", "x", 'invalid value of --cgroup-manager: expected cgroupfs, systemd or disabled, found "x"'],
];

for (const [name, value, sentence] of refused) {
  test(`the value ${value} of --${name} is refused with what was expected`, () => {
    assert.throws(() => readValues(globalOptions, { [name]: value }), {
      name: "TsrunError",
      code: "usage",
      message: sentence,
    });
  });
}

for (const value of [
  "",
  "x",
  "1x",
  "-1",
  "+1",
  " 1",
  "1.0",
  "1e3",
  "0x10",
  "2147483646",
  "99999999999999999999",
  "\u0661",
]) {
  test(`the number of descriptors may not be ${JSON.stringify(value)}`, () => {
    const found = JSON.stringify(value);
    assert.throws(() => readValues(optionsOf("run"), { "preserve-fds": value }), {
      message: `invalid value of --preserve-fds: expected a whole number from 0 to 2147483645, found ${found}`,
    });
  });
}

test("a whole number may reach its maximum and have leading zeros", () => {
  assert.equal(wholeNumber("2147483645", 2147483645), 2147483645);
  assert.equal(wholeNumber("0000000000000000000000000000012", 12), 12);
  assert.equal(wholeNumber("13", 12), undefined);
});
