import assert from "node:assert/strict";
import { test } from "node:test";
import type { Greeting } from "../../../src/core/door.js";
import type { OutsideOp } from "../../../src/core/generated/plan.js";
import { expandSlice, unitOf } from "../../../src/core/plan/systemd.js";

const facts = { cgroup: { hierarchies: [] } };
const root = { euid: 0, inUserNamespace: false, env: {} } as unknown as Greeting;
const plain = { euid: 1000, inUserNamespace: false, env: { XDG_RUNTIME_DIR: "/run/user/1000" } } as unknown as Greeting;

const unit = (cgroupsPath: string, host = root, annotations: Record<string, string> = {}) =>
  unitOf({ ociVersion: "1.0.2", linux: { cgroupsPath }, annotations }, facts, "one", host);

function properties(writes: readonly OutsideOp[], annotations: Record<string, string> = {}): Map<string, unknown> {
  const step = unit("a.slice:b:c", root, annotations).start(writes);
  assert.equal(step.op, "startUnit");
  const { list } = (step as unknown as { properties: { list: [string, string, unknown][] } }).properties;
  return new Map(list.map(([name, , value]) => [name, value]));
}

const write = (file: string, ...values: string[]): OutsideOp => ({ op: "writeCgroup", directory: "/c", file, values });

test("slices lie in each other by the dashes of their names", () => {
  assert.equal(expandSlice("a-b-c.slice"), "/a.slice/a-b.slice/a-b-c.slice");
  assert.equal(expandSlice("-.slice"), "");
  for (const name of ["a", "-a.slice", "a-.slice", "a--b.slice", "a/b.slice", ".slice"])
    assert.throws(() => expandSlice(name), /invalid slice name/);
});

test("slice, prefix and name make a scope, for root on the system's bus", () => {
  const { bus, unit: name, path } = unit("machine.slice:libpod:one");
  assert.deepEqual(
    [bus, name, path],
    ["/run/dbus/system_bus_socket", "libpod-one.scope", "/machine.slice/libpod-one.scope"],
  );
  assert.equal(unit(":p:n").path, "/system.slice/p-n.scope");
  assert.equal(unit("a.slice::n").unit, "n.scope");
  assert.equal(unit("").unit, "tsrun-one.scope");
});

test("for a plain user they are the user's own systemd's", () => {
  const { bus, path } = unit("user.slice:p:n", plain);
  assert.deepEqual(
    [bus, path],
    ["/run/user/1000/bus", "/user.slice/user-1000.slice/user@1000.service/user.slice/p-n.scope"],
  );
});

test("another form of path is refused in the words that callers know", () => {
  for (const path of ["/a/b", "a:b", "a:b:c:d"])
    assert.throws(
      () => unit(path),
      /expected cgroupsPath to be of format "slice:prefix:name" for systemd cgroups, got "/,
    );
});

test("what is written to files is told to systemd too", () => {
  const found = properties([
    write("memory.max", "1048576"),
    write("memory.swap.max", "max"),
    write("cpu.max", "33333 100000"),
    write("cpuset.cpus", "0-2,9"),
    write("pids.max", "5"),
  ]);
  assert.equal(found.get("MemoryMax"), "1048576");
  assert.equal(found.get("MemorySwapMax"), "18446744073709551615");
  // 333330 us a second, rounded up to 10 ms
  assert.equal(found.get("CPUQuotaPerSecUSec"), "340000");
  assert.deepEqual(found.get("AllowedCPUs"), [7, 2]);
  assert.equal(found.get("TasksMax"), "5");
});

test("systemd's own filter lets pass what a rule allows, and the list comes before the policy", () => {
  const rules = ["deny a *:* rwm", "allow c 1:3 rwm", "allow b 8:* r", "deny c 1:3 w"];
  const found = properties([{ op: "deviceProgram", directory: "/c", rules }]);
  assert.deepEqual(found.get("DeviceAllow"), [
    ["/dev/char/1:3", "rwm"],
    ["block-8", "r"],
  ]);
  const names = [...found.keys()];
  assert.ok(names.indexOf("DeviceAllow") < names.indexOf("DevicePolicy"));
});

test("annotations set properties, but none that runs anything", () => {
  const found = properties([], {
    "org.systemd.property.TimeoutStopSec": "7",
    "org.systemd.property.KillSignal": "15",
    other: "x",
  });
  assert.deepEqual([found.get("TimeoutStopUSec"), found.get("KillSignal")], ["7000000", 15]);
  for (const name of [
    "ExecStopPost",
    "SuccessAction",
    "FailureAction",
    "Slice",
    "PIDs",
    "OnFailure",
    "Wants",
    "Delegate",
  ])
    assert.throws(() => properties([], { [`org.systemd.property.${name}`]: "'x'" }), /may not be set by an annotation/);
  assert.throws(() => properties([], { "org.systemd.property.KillSignal": "fifteen" }), /GVariant/);
});
