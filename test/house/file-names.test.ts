import assert from "node:assert/strict";
import { test } from "node:test";
import { repositoryPaths, type Violation } from "./repository.js";

/** Words that say nothing about what is inside. */
const emptyWords: ReadonlySet<string> = new Set(["util", "utils", "helper", "helpers", "common", "manager", "misc"]);

/** Folders and files whose names are given by a tool or by custom. */
const givenNames = /^(README\.md|SECURITY\.md|LICENSE|Cargo\.(toml|lock)|\..+)$/;

function emptyNames(paths: readonly string[]): readonly Violation[] {
  return paths.filter((path) =>
    path.split("/").some((part) => part.split(/[-_.]/).some((word) => emptyWords.has(word.toLowerCase()))),
  );
}

/** TypeScript and everything else in kebab-case, Rust in snake_case. */
function oddlySpelled(paths: readonly string[]): readonly Violation[] {
  return paths.filter((path) => {
    const name = path.split("/").at(-1) ?? path;
    if (givenNames.test(name)) return false;
    return name.endsWith(".rs") ? !/^[a-z][a-z0-9_]*\.rs$/.test(name) : !/^[a-z0-9]+([-.][a-z0-9]+)*$/.test(name);
  });
}

test("a file or a folder with an empty name is noticed", () => {
  const paths = [
    "src/core/utils/text.ts",
    "test/cli/run-helpers.ts",
    "src/node/cgroup-manager.ts",
    "src/core/error.ts",
  ];
  assert.deepEqual(emptyNames(paths), paths.slice(0, 3));
});

test("no file and no folder is called utils, helpers, common, manager or misc", () => {
  assert.deepEqual(emptyNames(repositoryPaths()), []);
});

test("a name in another spelling than kebab-case, or snake_case for Rust, is noticed", () => {
  const paths = [
    "src/core/readConfig.ts",
    "native/sys/src/mount-api.rs",
    "native/sys/src/mount_api.rs",
    "a/set-up.mjs",
  ];
  assert.deepEqual(oddlySpelled(paths), paths.slice(0, 2));
});

test("file names are kebab-case, those of Rust snake_case", () => {
  assert.deepEqual(oddlySpelled(repositoryPaths()), []);
});
