import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { JsonError, mayHideFraction, readExactly } from "../../../src/core/config/json.js";
import { seeded } from "../../seeded.js";

const maximum = 9007199254740991;

/** A number of a JSON text, and what it is read as; a string stands for a number that is no integer, or absurdly large. */
const numbers: readonly (readonly [text: string, value: number | bigint | string])[] = [
  ["0", 0],
  ["-0", 0],
  ["-17", -17],
  ["1.0", 1],
  ["1e3", 1000],
  ["1.5e1", 15],
  ["20e-1", 2],
  ["0e999999999", 0],
  ["0.000", 0],
  ["9007199254740991", maximum],
  ["-9007199254740991", -maximum],
  ["9007199254740992", 9007199254740992n],
  ["9007199254740993", 9007199254740993n],
  ["18446744073709551615", 18446744073709551615n],
  ["18446744073709551615.0", 18446744073709551615n],
  ["1.8446744073709551615e19", 18446744073709551615n],
  ["-9223372036854775808", -9223372036854775808n],
  ["0.5", "0.5"],
  ["25e-1", "25e-1"],
  ["1.00000000000000000000001", "1.00000000000000000000001"],
  ["1e400", "1e400"],
  ["-1e-400", "-1e-400"],
  ["1e999999999999999999", "1e999999999999999999"],
  ["9".repeat(41), "9".repeat(41)],
];

for (const [text, value] of numbers) {
  test(`reads the number ${text.slice(0, 40)} exactly`, () => {
    const [read] = readExactly(`[${text}]`) as readonly [number | bigint | symbol];
    if (typeof value === "string") assert.equal(typeof read === "symbol" ? read.description : read, value);
    else assert.equal(read === 0 ? 0 : read, value);
  });
}

const mistakes: readonly (readonly [text: string, message: string])[] = [
  ["", "line 1, column 1: expected a value, found the end of the text"],
  ["{", "line 1, column 2: expected a name in double quotes, found the end of the text"],
  ["{]", "line 1, column 2: expected a name in double quotes, found ']'"],
  ['{"a":1,}', "line 1, column 8: expected a name in double quotes, found '}'"],
  ['{"a" 1}', "line 1, column 6: expected ':', found '1'"],
  ['{\n  "a": 1\n  "b": 2\n}', "line 3, column 3: expected ',' or '}', found '\"'"],
  ["[1 2]", "line 1, column 4: expected ',' or ']', found '2'"],
  ["[1,]", "line 1, column 4: expected a value, found ']'"],
  ["[01]", "line 1, column 3: expected ',' or ']', found '1'"],
  ["[1.]", "line 1, column 3: expected ',' or ']', found '.'"],
  ["[.5]", "line 1, column 2: expected a value, found '.'"],
  ["[+1]", "line 1, column 2: expected a value, found '+'"],
  ["[1e]", "line 1, column 3: expected ',' or ']', found 'e'"],
  ["[-]", "line 1, column 2: expected a value, found '-'"],
  ["[NaN]", "line 1, column 2: expected a value, found 'N'"],
  ["[tru]", "line 1, column 2: expected a value, found 't'"],
  ["['a']", "line 1, column 2: expected a value, found '''"],
  ["{} x", "line 1, column 4: expected the end of the text, found 'x'"],
  ["\ufeff{}", "line 1, column 1: expected a value, found U+FEFF"],
  ['"abc', "line 1, column 5: expected '\"' at the end of the string, found the end of the text"],
  ['"a\\"', "line 1, column 5: expected '\"' at the end of the string, found the end of the text"],
  ['"a\\x"', "line 1, column 4: expected one of \" \\ / b f n r t u after a backslash, found 'x'"],
  ['"\\u12g4"', "line 1, column 6: expected four hexadecimal digits after \\u, found 'g'"],
  ['"a\nb"', "line 1, column 3: expected an escape like \\n for a control character, found U+000A"],
  ["[".repeat(100), "line 1, column 65: expected at most 64 nested values, found '['"],
];

for (const [text, message] of mistakes) {
  test(`says where the mistake is in ${JSON.stringify(text.slice(0, 30))}`, () => {
    assert.throws(() => readExactly(text), new JsonError(message));
    assert.throws(() => JSON.parse(text.startsWith("[[") ? "[" : text), SyntaxError);
  });
}

test("a member named __proto__ is a member, and the last of equal names wins", () => {
  const value = readExactly('{"__proto__": {"polluted": 1}, "a": 1, "a": 2}') as Readonly<Record<string, unknown>>;
  assert.deepEqual(Object.keys(value), ["__proto__", "a"]);
  assert.equal(value["a"], 2);
  assert.equal(Reflect.get({}, "polluted"), undefined);
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
});

const vectors = new URL("../../vectors/configs/", import.meta.url);
/** Without the integers that JSON.parse would round. */
const real = readdirSync(vectors).map((file) =>
  readFileSync(new URL(file, vectors), "utf8").replaceAll("18446744073709551615", "1"),
);

test("agrees with JSON.parse on 4,000 damaged texts", () => {
  const random = seeded(4);
  const marks = [
    "",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"',
    "\\",
    "\\u0",
    " ",
    "\n",
    "\u0001",
    "0",
    "-",
    ".",
    "e",
    "x",
    "é",
    "\u2028",
  ];
  let good = 0;
  for (let index = 0; index < 4000; index++) {
    const whole = (real[index % real.length] ?? "").slice(0, 1200).replace(/[^,{[]*$/, "");
    const at = random.below(whole.length);
    const text = closed(whole.slice(0, at) + random.pick(marks) + whole.slice(at + random.below(3)));
    const expected = attempt(() => JSON.parse(text) as unknown);
    const actual = attempt(() => readExactly(text));
    assert.deepEqual(actual, expected, text);
    if (expected !== undefined) good++;
  }
  assert.ok(good > 400, `only ${good} texts were JSON`);
});

/** Closes what is open at the end of a text, as far as one sees without reading strings. */
function closed(text: string): string {
  const open: string[] = [];
  for (const mark of text.replace(/"(?:[^"\\]|\\.)*"/g, "")) {
    if (mark === "{" || mark === "[") open.push(mark === "{" ? "}" : "]");
    if (mark === "}" || mark === "]") open.pop();
  }
  return text.replace(/[,{[]$/, (last) => (last === "," ? "" : last)) + open.reverse().join("");
}

function attempt(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return undefined;
  }
}

for (const text of ['{"a": 1.5}', '{"a":-1.5}', "[1, 2.5]", "[ 1e-3 ]", '{"a" : 25E-1}', "1.5"]) {
  test(`a fraction may hide in ${text}`, () => {
    assert.equal(mayHideFraction(text), true);
  });
}

for (const text of [
  '{"v": "1.0.2"}',
  '{"t":"05:39:34.857Z"}',
  '{"a": 15, "b": "x.y"}',
  '{"n": "1e-5"}',
  "[1, 2]",
  "1e3",
]) {
  test(`no fraction is looked for in ${text}`, () => {
    assert.equal(mayHideFraction(text), false);
  });
}
