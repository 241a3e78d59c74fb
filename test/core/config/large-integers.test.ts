import assert from "node:assert/strict";
import { test } from "node:test";
import { readExactly } from "../../../src/core/config/json.js";
import { readLargeIntegers } from "../../../src/core/config/large-integers.js";
import { parseConfig } from "../../../src/core/config/read.js";
import { misfits } from "../../../src/core/generated/validate-config.js";

const largest = "18446744073709551615";

/** A configuration with these limits, and something else at its end. */
function withLimits(limits: readonly string[], rest = ""): string {
  const rlimits = limits.map((limit) => `{"type": "RLIMIT_CORE", "soft":0,"hard": ${limit} }`).join(",\n");
  return `{"ociVersion": "1.0.0", "process": {"cwd": "/", "rlimits": [${rlimits}]}${rest}}`;
}

const quick: readonly (readonly [title: string, text: string])[] = [
  ["one large integer", withLimits([largest])],
  ["equal and nearly equal ones", withLimits([largest, largest, "18446744073709551614", "9007199254740993"])],
  [
    "negative ones",
    withLimits([], ',"linux":{"resources":{"memory":{"swap":-9223372036854775808,"limit":-9223372036854775807}}}'),
  ],
  ["digits in strings that stand for themselves", withLimits([largest], `,"annotations":{"${largest}":"${largest}"}`)],
  ["a time of day with many digits", withLimits([largest], `,"annotations":{"t":"05:39:${largest}"}`)],
];

const slow: readonly (readonly [title: string, text: string])[] = [
  ["a string that looks like JSON", withLimits([largest], `,"annotations":{"a":"[1, ${largest}, 2]"}`)],
  ["a string that looks like a quoted integer", withLimits([largest], `,"annotations":{"a":"exactly ${largest}"}`)],
  ["a double whose digits are others", withLimits(["9999999999999999999"])],
  ["an exponent", withLimits(["1e19"])],
  ["another mistake", withLimits([largest, '"x"'])],
];

for (const [title, text] of quick) {
  test(`large integers are read quickly and exactly: ${title}`, () => {
    const read = readLargeIntegers(text, misfits(JSON.parse(text)));
    assert.deepEqual(read, readExactly(text));
    assert.deepEqual(parseConfig(text), { value: read, misfits: [] });
  });
}

for (const [title, text] of slow) {
  test(`the exact reader is left to read ${title}`, () => {
    assert.equal(readLargeIntegers(text, misfits(JSON.parse(text))), undefined);
    assert.deepEqual(parseConfig(text).value, readExactly(text));
  });
}
