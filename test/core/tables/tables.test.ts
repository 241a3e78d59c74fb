import assert from "node:assert/strict";
import { constants } from "node:os";
import { test } from "node:test";
import { capabilities } from "../../../src/core/tables/capabilities.js";
import { describeErrno, errnoText } from "../../../src/core/tables/errno.js";
import { lookup } from "../../../src/core/tables/lookup.js";
import { mountAttributes, mountOptions } from "../../../src/core/tables/mount-options.js";
import { rlimits } from "../../../src/core/tables/rlimits.js";
import { signals } from "../../../src/core/tables/signals.js";

test("signals have the numbers that this machine gives them", () => {
  for (const [name, number] of Object.entries(constants.signals)) assert.equal(signals[name], number, name);
});

test("errors have the names that this machine gives them", () => {
  for (const [name, number] of Object.entries(constants.errno)) {
    const aliases = ["EWOULDBLOCK", "EDEADLOCK", "ENOTSUP"];
    if (!aliases.includes(name)) assert.equal(describeErrno(number)?.[0], name);
  }
});

test("the texts of errors are what callers of a runtime match", () => {
  assert.deepEqual([1, 2, 3, 13, 4095].map(describeErrno), [
    ["EPERM", "operation not permitted"],
    ["ENOENT", "no such file or directory"],
    ["ESRCH", "no such process"],
    ["EACCES", "permission denied"],
    undefined,
  ]);
});

test("an error that is known by its name has the same text", () => {
  assert.deepEqual(["EPERM", "ENOTDIR", "EXDEV", "PERM", "ENOSUCH"].map(errnoText), [
    "operation not permitted",
    "not a directory",
    "invalid cross-device link",
    "PERM",
    "ENOSUCH",
  ]);
});

test("capabilities are numbered 0 to 40 and limits 0 to 15, without a gap", () => {
  assert.deepEqual(
    Object.values(capabilities),
    Array.from({ length: 41 }, (_, number) => number),
  );
  assert.deepEqual(
    Object.values(rlimits),
    Array.from({ length: 16 }, (_, number) => number),
  );
});

test("whatever touches the access time clears the whole mask, as mount_setattr demands", () => {
  for (const [name, { set = 0, clear = 0 }] of Object.entries(mountOptions)) {
    const mask = mountAttributes.ATIME;
    const touches = (set & mask) !== 0 || (clear & mask) !== 0;
    if (touches) assert.equal(clear & mask, mask, name);
    assert.equal(name.endsWith("atime") && !name.includes("lazy") && !name.includes("dir"), touches, name);
  }
});

test("a word with r before it does to a tree what the word without does to one mount", () => {
  for (const [name, option] of Object.entries(mountOptions)) {
    if (option.recursive !== true) continue;
    const { set = 0, clear = 0 } = mountOptions[name.slice(1)] ?? {};
    assert.deepEqual([option.set ?? 0, option.clear ?? 0], [set, clear], name);
  }
});

test("names that objects inherit are in no table", () => {
  assert.equal(lookup(capabilities, "constructor"), undefined);
  assert.equal(lookup(capabilities, "__proto__"), undefined);
  assert.equal(lookup(capabilities, "CAP_BPF"), 39);
});
