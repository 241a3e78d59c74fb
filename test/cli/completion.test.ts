// Completion scripts and manual pages, as shells and readers meet them.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { globalOptions, isVerb, optionsOf, verbs } from "../../src/core/command/grammar.js";
import { home, mustRun, production } from "../black-box/runtime.js";

const { path } = production();
const options = { skip: mustRun(existsSync(path) ? false : `${path} is not built`) };
const root = mkdtempSync(join(tmpdir(), "tsrun-completion-"));
after(() => {
  rmSync(root, { recursive: true });
});

function script(shell: string): string {
  return spawnSync(path, ["completion", shell], { encoding: "utf8" }).stdout;
}

/** What bash offers for the last of the words. */
function offered(...words: readonly string[]): readonly string[] {
  const program = `source <("$1" completion bash)
    shift; COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _tsrun; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync("bash", ["-c", program, "bash", path, path, ...words], { encoding: "utf8" });
  assert.equal(stderr, "");
  return stdout.split("\n").filter((word) => word !== "");
}

test("bash completes commands, options, values and operands", options, () => {
  assert.deepEqual(offered("cre"), ["create"]);
  assert.deepEqual(offered("--log-f"), ["--log-format"]);
  assert.deepEqual(offered("--log-format", ""), ["text", "json"]);
  assert.deepEqual(offered("--root", root, "run", "--det"), ["--detach"]);
  assert.deepEqual(offered("list", "--format", "j"), ["json"]);
  assert.deepEqual(offered("kill", "one", "RTM"), []);
  assert.deepEqual(offered("kill", "one", "KI"), ["KILL"]);
  assert.deepEqual(offered("kill", "--all", "one", "KI"), ["KILL"]);
  assert.deepEqual(offered("help", "feat"), ["features"]);
  assert.deepEqual(offered("completion", "z"), ["zsh"]);
});

test("bash completes directories where a directory is expected", options, () => {
  mkdirSync(join(root, "bundle"));
  assert.deepEqual(offered("create", "--bundle", join(root, "bun")), [join(root, "bundle")]);
});

for (const shell of ["bash", "zsh", "fish"]) {
  test(`the script for ${shell} knows every command and option`, options, () => {
    const text = script(shell);
    const names = [globalOptions, ...Object.keys(verbs).filter(isVerb).map(optionsOf)].flatMap(Object.keys);
    const long = shell === "fish" ? "-l " : "--";
    for (const name of names) assert.ok(text.includes(`${long}${name}`), name);
    for (const verb of Object.keys(verbs)) assert.match(text, new RegExp(`\\b${verb}\\b`));
  });
}

test("a shell that has no script is refused", options, () => {
  const { status, stderr } = spawnSync(path, ["completion", "csh"], { encoding: "utf8" });
  assert.deepEqual([status, stderr], [1, 'unknown shell "csh", expected bash, zsh or fish\n']);
});

test("there is a manual page for the program and for each command, with its options", () => {
  const pages = readdirSync(join(home, "dist/man")).sort();
  assert.deepEqual(pages, ["tsrun.1", ...Object.keys(verbs).map((verb) => `tsrun-${verb}.1`)].sort());
  for (const verb of Object.keys(verbs).filter(isVerb)) {
    const text = readFileSync(join(home, `dist/man/tsrun-${verb}.1`), "utf8");
    assert.ok(text.startsWith(`.TH TSRUN-${verb.toUpperCase()} 1 `));
    for (const name of Object.keys(optionsOf(verb)))
      assert.ok(text.includes(`\\-\\-${name.replaceAll("-", "\\-")}`), name);
  }
});
