import assert from "node:assert/strict";
import { test } from "node:test";
import type { Option, OptionTable } from "../../../src/core/command/option.js";
import { globalOptions, isVerb, optionsOf, verbOptions, verbs } from "../../../src/core/command/grammar.js";
import { sentenceOf } from "../../../src/core/command/mistake.js";
import { globalPrefix, prepare } from "../../../src/core/command/prepare.js";
import { readValues } from "../../../src/core/command/read.js";
import { parse as embedded } from "../../../src/embedded/argv.js";
import { parse as node } from "../../../src/node/argv.js";
import { type Random, seeded } from "../../seeded.js";

/** Words that general parsers like to understand in ways of their own. */
const odd = [
  ...["-", "--", "---", "", " ", "=", "true", "false", "no", "0", "-1", "007", "1e3", "0x10", "Infinity", "NaN"],
  ...[
    "'quoted'",
    '"quoted"',
    "'",
    "a b",
    "a,b",
    "a.b",
    "a=b",
    "=b",
    "line\nbreak",
    "$HOME",
    "__proto__",
    "constructor",
  ],
  ...["--no-", "--no-debug", "--x.y=1", "--__proto__=1", "--constructor", "-abc", "-b=c", "-1", "--=", "é😀", "\ud800"],
  ...[
    "json",
    "table",
    "xml",
    "c1",
    "SIGKILL",
    "9",
    "-9",
    "$0",
    "_",
    "--_=1",
    "--$0=1",
    "2147483646",
    "--pid",
    "--bundl=x",
  ],
];

const values = [...odd, "/some/dir", "relative/dir"];

/** Mostly what a caller could mean, with something odd thrown in here and there. */
function line(random: Random): readonly string[] {
  const words: string[] = [];
  addOptions(words, random, globalOptions);
  const verb = random.pick(Object.keys(verbs).filter(isVerb));
  words.push(random.below(20) === 0 ? random.pick(odd) : verb);
  const table = random.below(20) === 0 ? verbOptions : optionsOf(verb);
  for (const operand of verbs[verb].operands) {
    addOptions(words, random, table);
    if (!("optional" in operand) || random.below(2) === 0)
      words.push(random.pick(["c1", "web.2", "9", "--", "-", "a'b"]));
  }
  addOptions(words, random, table);
  if (random.below(6) === 0) words.splice(random.below(words.length + 1), 0, random.pick(odd));
  return words;
}

function addOptions(words: string[], random: Random, table: OptionTable): void {
  for (let count = random.below(3); count > 0; count -= 1) {
    const name = random.pick(Object.keys(table));
    const option = table[name];
    const spelling = random.pick([`-${name}`, `--${name}`, `-${option?.alias ?? name}`]);
    const value = random.pick(plausible(option, random));
    if (option?.kind === "flag") words.push(random.below(6) === 0 ? `${spelling}=${value}` : spelling);
    else words.push(...(random.below(2) === 0 ? [`${spelling}=${value}`] : [spelling, value]));
  }
}

function plausible(option: Option | undefined, random: Random): readonly string[] {
  if (random.below(12) === 0) return odd;
  if (option?.kind === "choice") return option.of;
  if (option?.kind === "count") return ["0", "3", "007"];
  return option?.kind === "flag" ? ["true", "false", "1", "F"] : values;
}

/** Everything that the rest of the program can see of a command line: a sentence, or the values and operands. */
function seen(parse: typeof embedded, argv: readonly string[]): unknown {
  try {
    const { line, table, verb, mistake } = prepare(argv);
    const { values, operands } = parse(line, table);
    const parsed = Object.fromEntries(Object.keys(table).map((name) => [name, values[name]]));
    if (mistake !== undefined) return { parsed, mistake: sentenceOf(mistake) };
    const globals = readValues(globalOptions, parsed, globalPrefix);
    return verb === undefined ? { globals } : { globals, verb, options: readValues(verbOptions, parsed), operands };
  } catch (error) {
    assert.ok(error instanceof Error && error.name === "TsrunError", String(error));
    return { refused: error.message };
  }
}

test("the parsers of both fronts understand 4000 odd command lines alike", () => {
  const random = seeded(20_261_122);
  const outcomes = { accepted: 0, refused: 0 };
  for (let count = 0; count < 4000; count += 1) {
    const argv = line(random);
    const one = seen(embedded, argv);
    assert.deepEqual(seen(node, argv), one, JSON.stringify(argv));
    const accepted = typeof one === "object" && one !== null && "verb" in one;
    outcomes[accepted ? "accepted" : "refused"] += 1;
  }
  // A test of refusals alone would prove little.
  assert.ok(outcomes.accepted > 400 && outcomes.refused > 400, JSON.stringify(outcomes));
});

test("every value passes both parsers unchanged", () => {
  for (const value of values) {
    const argv = ["create", "--bundle", value, "--pid-file", value, "c"];
    const { line, table } = prepare(argv);
    for (const parse of [embedded, node]) {
      const parsed = parse([...line.slice(0, -1), value, value], table);
      assert.deepEqual(parsed.operands, [value, value]);
      assert.deepEqual([parsed.values["bundle"], parsed.values["pid-file"]], [value, value]);
    }
  }
});

test("500 command lines of exec, kill and ps keep every word that follows the id", () => {
  const random = seeded(20_261_130);
  for (let count = 0; count < 500; count += 1) {
    const verb = random.pick(["exec", "ps"] as const);
    const tail = Array.from({ length: 1 + random.below(6) }, () =>
      random.pick([...odd, "--tty", "-t", "--help", "-h", "--cwd", "--env=A=B", "--root", "-x"]),
    );
    const argv = ["--root", "/r", verb, ...(verb === "exec" ? ["-t", "--cwd", "/x"] : ["-f", "json"]), "c1", ...tail];
    const { line, table, mistake } = prepare(argv);
    assert.equal(mistake, undefined, JSON.stringify(argv));
    for (const parse of [embedded, node]) assert.deepEqual(parse(line, table).operands, ["c1", ...tail]);
  }
  const killed = prepare(["kill", "c1", "-9"]);
  for (const parse of [embedded, node]) assert.deepEqual(parse(killed.line, killed.table).operands, ["c1", "-9"]);
});
