import assert from "node:assert/strict";
import { test } from "node:test";
import type { DeviceRule } from "../../../src/core/generated/config.js";
import { deviceChanges, sameRules } from "../../../src/core/plan/device-changes.js";
import { mergeResources } from "../../../src/core/plan/merge.js";
import { restoringValues } from "../../../src/core/plan/restore.js";
import { sizeValue } from "../../../src/core/lifecycle/update-flags.js";

test("a merge keeps what is not named or zero", () => {
  const stored = { cpu: { shares: 5, quota: 6 }, memory: { limit: 7 }, pids: { limit: 8 }, unified: { a: "1" } };
  assert.deepEqual(mergeResources(stored, { cpu: { shares: 9, quota: 0 }, memory: {}, unified: { b: "2" } }), {
    cpu: { shares: 9, quota: 6 },
    memory: { limit: 7 },
    pids: { limit: 8 },
    unified: { a: "1", b: "2" },
  });
});

test("a merge takes the zeros of switches, and no limit on memory takes that on swap away", () => {
  const stored = { cpu: { idle: 1, burst: 5 }, memory: { limit: 7, swap: 9, disableOOMKiller: true } };
  assert.deepEqual(mergeResources(stored, { cpu: { idle: 0 }, memory: { limit: -1, disableOOMKiller: false } }), {
    cpu: { idle: 0, burst: 5 },
    memory: { limit: -1, swap: -1, disableOOMKiller: false },
  });
});

test("a merge replaces the entry of a device or page size and keeps the others", () => {
  const one = { major: 8, minor: 0, rate: 1 };
  const other = { major: 8, minor: 16, rate: 2 };
  const merged = mergeResources(
    { blockIO: { throttleReadBpsDevice: [one, other] }, hugepageLimits: [{ pageSize: "2MB", limit: 1 }] },
    { blockIO: { throttleReadBpsDevice: [{ ...other, rate: 3 }] }, hugepageLimits: [{ pageSize: "2048KB", limit: 2 }] },
  );
  assert.deepEqual(merged.blockIO, { throttleReadBpsDevice: [one, { ...other, rate: 3 }] });
  assert.deepEqual(merged.hugepageLimits, [{ pageSize: "2048KB", limit: 2 }]);
});

const allow = (major: number, access = "rwm"): DeviceRule => ({ allow: true, type: "c", major, minor: 0, access });

test("only what differs between two lists of devices is written, allowing first", () => {
  assert.deepEqual(deviceChanges([allow(10), allow(11, "rw")], [allow(11, "r"), allow(12)]), {
    writes: [
      { file: "devices.allow", values: ["c 12:0 rwm"] },
      { file: "devices.deny", values: ["c 11:0 w", "c 10:0 rwm"] },
    ],
    standstill: false,
  });
  assert.deepEqual(deviceChanges([allow(10)], [allow(10)]).writes, []);
});

test("a change of the default empties the kernel's list, and needs the container to stand still", () => {
  const all = deviceChanges([allow(10)], [{ allow: true }]);
  assert.deepEqual([all.writes, all.standstill], [[{ file: "devices.allow", values: ["a"] }], true]);
  const none = deviceChanges([{ allow: true }], [allow(10)]);
  assert.equal(none.standstill, true);
  assert.deepEqual(none.writes[0], { file: "devices.deny", values: ["a"] });
  assert.ok(none.writes[1]?.values.includes("c 10:0 rwm"));
  assert.ok(none.writes[1]?.values.includes("c 1:3 rwm"));
});

test("lists with the same rules are the same, whatever is left to the defaults", () => {
  assert.ok(sameRules([{ allow: false, access: "rwm" }], [{ allow: false }]));
  assert.ok(!sameRules([{ allow: false }], [{ allow: true }]));
  assert.ok(!sameRules([], [{ allow: false }]));
});

test("what a file said before is written back in the form that it takes", () => {
  assert.deepEqual(restoringValues("memory.max", "max\n", ["5"]), ["max"]);
  assert.deepEqual(restoringValues("cpuset.cpus", "\n", ["0"]), ["\n"]);
  assert.deepEqual(restoringValues("memory.oom_control", "oom_kill_disable 1\nunder_oom 0\n", ["0"]), ["1"]);
  assert.deepEqual(restoringValues("io.max", "8:0 rbps=1 wbps=max\n", ["8:0 rbps=2", "8:16 rbps=3"]), [
    "8:16 rbps=max wbps=max riops=max wiops=max",
    "8:0 rbps=1 wbps=max",
  ]);
  assert.deepEqual(restoringValues("blkio.throttle.read_bps_device", "", ["8:0 5"]), ["8:0 0"]);
});

test("sizes have units of 1024", () => {
  const sizes = ["4096", "1k", "512M", "1.5g", "2GiB", "1tb", "-1"].map((text) => sizeValue("memory", text));
  assert.deepEqual(sizes, [4096, 1024, 512 * 2 ** 20, 1.5 * 2 ** 30, 2 ** 31, 2 ** 40, -1]);
  for (const text of ["", "M", "-2", "1x", "1e3", "0x10", "9999999999T", "1,5G"])
    assert.throws(() => sizeValue("memory", text), /invalid value of --memory: expected a size/);
});
