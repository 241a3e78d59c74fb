import assert from "node:assert/strict";
import { test } from "node:test";
import { sentenceOf } from "../../../src/core/command/mistake.js";
import { prepare } from "../../../src/core/command/prepare.js";

/** Words, and what they mean: globals, verb, options, operands. */
const accepted: readonly (readonly [line: readonly string[], meaning: readonly (readonly string[])[]])[] = [
  [
    ["--root", "/r", "state", "c"],
    [["--root=/r"], ["state"], [], ["c"]],
  ],
  [
    ["--root=/r", "--root", "/s", "state", "c"],
    [["--root=/r", "--root=/s"], ["state"], [], ["c"]],
  ],
  [
    ["-root", "/r", "-debug", "state", "c"],
    [["--root=/r", "--debug=true"], ["state"], [], ["c"]],
  ],
  [
    ["run", "-no-subreaper", "-b", "x", "c"],
    [[], ["run"], ["--no-subreaper=true", "--bundle=x"], ["c"]],
  ],
  [
    ["create", "-b=x", "--bundle", "-y", "c"],
    [[], ["create"], ["--bundle=x", "--bundle=-y"], ["c"]],
  ],
  [
    ["create", "--no-pivot", "c"],
    [[], ["create"], ["--no-pivot=true"], ["c"]],
  ],
  [
    ["create", "--bundle", "", "--pid-file=", "c"],
    [[], ["create"], ["--bundle=", "--pid-file="], ["c"]],
  ],
  [
    ["create", "--pid-file", "a,b=c", "c"],
    [[], ["create"], ["--pid-file=a,b=c"], ["c"]],
  ],
  [
    ["create", "--bundle", "--", "c"],
    [[], ["create"], ["--bundle=--"], ["c"]],
  ],
  [
    ["delete", "c", "--force"],
    [[], ["delete"], ["--force=true"], ["c"]],
  ],
  [
    ["delete", "--force", "true"],
    [[], ["delete"], ["--force=true"], ["true"]],
  ],
  [
    ["delete", "--force=F", "c"],
    [[], ["delete"], ["--force=false"], ["c"]],
  ],
  [
    ["delete", "--", "-f"],
    [[], ["delete"], [], ["-f"]],
  ],
  [
    ["kill", "-a", "c", "9"],
    [[], ["kill"], ["--all=true"], ["c", "9"]],
  ],
  [
    ["kill", "c", "-9"],
    [[], ["kill"], [], ["c", "-9"]],
  ],
  [
    ["kill", "c", "--"],
    [[], ["kill"], [], ["c", "--"]],
  ],
  [
    ["run", "--det", "--bund=x", "--no-p", "c"],
    [[], ["run"], ["--detach=true", "--bundle=x", "--no-pivot=true"], ["c"]],
  ],
  [
    ["run", "-db", "x", "c"],
    [[], ["run"], ["--detach=true", "--bundle=x"], ["c"]],
  ],
  [
    ["restore", "--detach", "-no-subreaper", "--bundle", "x", "c"],
    [[], ["restore"], ["--detach=true", "--no-subreaper=true", "--bundle=x"], ["c"]],
  ],
  [
    ["--root=/r", "--systemd-cgroup", "--root=/r", "--systemd-cgroup", "create", "c"],
    [["--root=/r", "--systemd-cgroup=true", "--root=/r", "--systemd-cgroup=true"], ["create"], [], ["c"]],
  ],
  [
    ["state", "-"],
    [[], ["state"], [], ["-"]],
  ],
  [
    ["--", "state", "c"],
    [[], ["state"], [], ["c"]],
  ],
  [
    ["list", "-f", "json", "-q"],
    [[], ["list"], ["--format=json", "--quiet=true"], []],
  ],
  [
    ["kill", "--help"],
    [[], ["kill"], ["--help=true"], []],
  ],
  [["plan"], [[], ["plan"], [], []]],
  [
    ["--version", "no-verb"],
    [["--version=true"], [], [], []],
  ],
  [[], [[], [], [], []]],
];

for (const [line, meaning] of accepted) {
  test(`the words [${line.join(" ")}] are cut and spelled out`, () => {
    const { line: spelled, verb, mistake } = prepare(line);
    const [globals = [], verbs, options = [], operands = []] = meaning;
    assert.equal(mistake, undefined);
    assert.deepEqual(verb === undefined ? [] : [verb], verbs);
    const prefixed = globals.map((option) => option.replace("--", "--global-"));
    assert.deepEqual(spelled, [...prefixed, ...options, "--", ...operands]);
  });
}

const refused: readonly (readonly [line: readonly string[], sentence: string])[] = [
  [["frobnicate"], 'unknown command "frobnicate"'],
  [["constructor"], 'unknown command "constructor"'],
  [[""], 'unknown command ""'],
  [["--bogus", "list"], 'unknown flag "--bogus"'],
  [["--toString", "list"], 'unknown flag "--toString"'],
  [["list", "--root", "/r"], 'unknown flag "--root" of "list"'],
  [["creat", "c"], 'unknown command "creat", did you mean "create"?'],
  [["ilst"], 'unknown command "ilst", did you mean "list"?'],
  [["sp"], 'unknown command "sp"'],
  [["--roto=/r", "list"], 'unknown flag "--roto", did you mean "--root"?'],
  [["create", "-bundel", "/b", "c"], 'unknown flag "-bundel" of "create", did you mean "--bundle"?'],
  [["create", "--pid", "p", "c"], 'unknown flag "--pid" of "create"'],
  [["run", "c", "-db"], "flag needs an argument: -b"],
  [["run", "-bd", "x", "c"], 'unknown flag "-bd" of "run"'],
  [["checkpoint", "--image-path"], "flag needs an argument: --image-path"],
  [["restore", "--lsm-mount-context"], "flag needs an argument: --lsm-mount-context"],
  [["state", "-x=1", "c"], 'unknown flag "-x" of "state"'],
  [["delete", "---force", "c"], 'unknown flag "---force" of "delete", did you mean "--force"?'],
  [["delete", "--=x", "c"], 'unknown flag "--" of "delete"'],
  [["delete", "--no-force", "c"], 'unknown flag "--no-force" of "delete"'],
  [["create", "c", "--bundle"], "flag needs an argument: --bundle"],
  [["create", "c", "-b"], "flag needs an argument: -b"],
  [["--log"], "flag needs an argument: --log"],
  [["--debug=banana", "list"], 'invalid value of --debug: expected true or false, found "banana"'],
  [["delete", "--force=", "c"], 'invalid value of --force: expected true or false, found ""'],
  [["exec", "--process-label", "s", "c"], "--process-label is not supported yet"],
  [["start"], '"start" requires exactly 1 argument(s), found 0'],
  [["start", "a", "b"], '"start" requires exactly 1 argument(s), found 2'],
  [["list", "a"], '"list" requires exactly 0 argument(s), found 1'],
  [["kill"], '"kill" requires a minimum of 1 argument(s), found 0'],
  [["kill", "a", "b", "c"], '"kill" requires a maximum of 2 argument(s), found 3'],
  [["plan", "a", "b"], '"plan" requires a maximum of 1 argument(s), found 2'],
];

for (const [line, sentence] of refused) {
  test(`the words [${line.join(" ")}] are refused with a sentence`, () => {
    const { mistake } = prepare(line);
    assert.equal(mistake && sentenceOf(mistake), sentence);
  });
}

test("the first of several mistakes is told, and the globals after it are still known", () => {
  const { mistake, line } = prepare(["--bogus=1", "--log=/l", "--log-format", "json", "create", "--no"]);
  assert.deepEqual(mistake, { kind: "flag", word: "--bogus", verb: undefined });
  assert.deepEqual(line, ["--global-log=/l", "--global-log-format=json", "--"]);
});
