import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { examine, readConfig } from "../../../src/core/config/read.js";
import { TsrunError } from "../../../src/core/error.js";

const vectors = new URL("../../vectors/configs/", import.meta.url);
const runcSpec = readFileSync(new URL("runc-spec.json", vectors), "utf8");

/** What `runc spec` writes, with one piece of the text replaced. */
function changed(from: string, to: string): string {
  assert.ok(runcSpec.includes(from));
  return runcSpec.replace(from, () => to);
}

const refused: readonly (readonly [title: string, text: string, message: string])[] = [
  ["an empty text", "", "config.json: line 1, column 1: expected a value, found the end of the text"],
  ["null", "null", "config.json: expected an object, found null"],
  ["an array", "[]", "config.json: expected an object, found an array"],
  ["a number", "1e400", "config.json: expected an object, found 1e400"],
  [
    "a comma too few",
    changed('"rootfs",', '"rootfs"'),
    "config.json: line 51, column 5: expected ',' or '}', found '\"'",
  ],
  [
    "a string where a number must be",
    changed('"soft": 1024', '"soft": "x"'),
    'config.json: /process/rlimits/0/soft: expected an integer from 0 to 18446744073709551615, found "x"',
  ],
  [
    "a number that is one too large",
    changed('"hard": 1024', '"hard": 18446744073709551616'),
    "config.json: /process/rlimits/0/hard: expected an integer from 0 to 18446744073709551615, found 18446744073709551616",
  ],
  [
    "1e400",
    changed('"hard": 1024', '"hard": 1e400'),
    "config.json: /process/rlimits/0/hard: expected an integer from 0 to 18446744073709551615, found 1e400",
  ],
  [
    "a fraction that doubles cannot tell from an integer",
    changed('"hard": 1024', '"hard": 1024.0000000000000000001'),
    "config.json: /process/rlimits/0/hard: expected an integer from 0 to 18446744073709551615, found 1024.0000000000000000001",
  ],
  [
    "uid 4294967295, which means no change",
    changed('"uid": 0', '"uid": 4294967295'),
    "config.json: /process/user/uid: expected an integer from 0 to 4294967294, found 4294967295",
  ],
  ["a missing member", changed('"cwd"', '"cdw"'), "config.json: /process/cwd: expected a string, found nothing"],
  [
    "a name in other letters",
    changed('"maskedPaths"', '"MaskedPaths"'),
    'config.json: /linux/MaskedPaths: expected the name "maskedPaths", found "MaskedPaths"',
  ],
  [
    "a name with a letter that folds to another",
    changed('"maskedPaths"', '"ma\u017fkedPaths"'),
    'config.json: /linux/ma\u017fkedPaths: expected the name "maskedPaths", found "ma\u017fkedPaths"',
  ],
  [
    "a word that is none",
    changed('"type": "pid"', '"type": "pid|network"'),
    'config.json: /linux/namespaces/0/type: expected one of mount, pid, network, uts, ipc, user, cgroup, time, found "pid|network"',
  ],
  [
    "a long value",
    changed('"hostname": "runc"', `"hostname": ["${"x".repeat(200)}"]`),
    "config.json: /hostname: expected a string, found an array",
  ],
];

for (const [title, text, message] of refused) {
  test(`readConfig refuses ${title}`, () => {
    assert.throws(() => readConfig(text), new TsrunError("config", message, pointerOf(message)));
  });
}

function pointerOf(message: string): { readonly pointer: string } {
  return { pointer: /^config\.json: (\/[^:]*): /.exec(message)?.[1] ?? "" };
}

test("keeps every bit of large integers", () => {
  const limit = (text: string) => readConfig(changed('"hard": 1024', `"hard": ${text}`)).process?.rlimits?.[0]?.hard;
  assert.equal(limit("18446744073709551615"), 18446744073709551615n);
  assert.equal(limit("9007199254740993"), 9007199254740993n);
  assert.equal(limit("9007199254740991"), 9007199254740991);
});

test("ignores what it does not know, whatever it is", () => {
  const config = readConfig(
    changed('"hostname"', '"future": {"x": [1.5, null, 1e400]}, "__proto__": {"hostname": 1}, "hostname"'),
  );
  assert.equal(config.hostname, "runc");
});

test("a message stays on one line, whatever a name holds", () => {
  const text = '{"ociVersion": "1.0.0", "annotations": {"a\\nb\\u001b[31m\\u2028": 1}}';
  const [problem] = examine(text).problems;
  assert.equal(problem?.pointer, "/annotations/a\nb\u001b[31m\u2028");
  assert.equal(problem.message, "/annotations/a\\u000ab\\u001b[31m\\u2028: expected a string, found 1");
});

test("names all problems at once: of the schema, of the rules, and what is not supported", () => {
  const text = JSON.stringify({
    ociVersion: "2.0.0",
    process: {
      cwd: 5,
      args: [],
      env: ["A"],
      apparmorProfile: "x",
      rlimits: [{ type: "RLIMIT_CORE", soft: -1, hard: "a" }],
    },
    root: { path: "rootfs" },
    hostname: "x",
    linux: { namespaces: [{ type: "pid" }, { type: "pid" }] },
  });
  assert.deepEqual(
    examine(text).problems.map(({ message }) => message),
    [
      "/process/cwd: expected a string, found 5",
      "/process/rlimits/0/soft: expected an integer from 0 to 18446744073709551615, found -1",
      '/process/rlimits/0/hard: expected an integer from 0 to 18446744073709551615, found "a"',
      '/ociVersion: expected a version 1.x.y, found "2.0.0"',
      "/process/args: expected at least one string, found none",
      '/process/env/0: expected NAME=value, found "A"',
      "/linux/namespaces/1/type: expected each type once, found a second pid",
      "/hostname: expected a namespace of type uts in /linux/namespaces, found none",
      "/process/apparmorProfile: not supported by tsrun yet",
    ],
  );
});

/** Configurations that leave to the runtime what tsrun does not guess. */
const withProblems: Readonly<Record<string, readonly string[]>> = {
  "crun-spec-rootless.json": ["/linux/uidMappings", "/linux/gidMappings"],
};

for (const file of readdirSync(vectors)) {
  const pointers = withProblems[file] ?? [];
  test(`finds ${pointers.length === 0 ? "nothing wrong" : pointers.join(" and ")} in ${file}`, () => {
    const { problems } = examine(readFileSync(new URL(file, vectors), "utf8"));
    assert.deepEqual(
      problems.map(({ pointer }) => pointer),
      pointers,
    );
  });
}
