import assert from "node:assert/strict";
import { test } from "node:test";
import type { Facts } from "../../../src/core/door.js";
import type { Config, Linux, Mount } from "../../../src/core/generated/config.js";
import type { InsideOp } from "../../../src/core/generated/plan.js";
import { planCreate } from "../../../src/core/plan/create.js";
import { sortOptions } from "../../../src/core/plan/mounts.js";
import type { Request } from "../../../src/core/plan/request.js";
import { mountAttributes, propagationFlags } from "../../../src/core/tables/mount-options.js";

const { RDONLY, NOSUID, NODEV, NOEXEC, ATIME, NOATIME, STRICTATIME } = mountAttributes;
const { PRIVATE, SLAVE, REC } = propagationFlags;

/** The steps of these mounts in a create, and what is left for when all of them are filled. */
function planned(...mounts: Mount[]): { mounts: readonly InsideOp[]; finish: readonly InsideOp[] } {
  return plannedIn({ namespaces: [{ type: "mount" }] }, mounts);
}

function plannedIn(linux: Linux, mounts: Mount[]) {
  const config: Config = {
    ociVersion: "1.3.0",
    root: { path: "rootfs" },
    process: { cwd: "/", args: ["true"] },
    mounts,
    linux,
  };
  const { inside } = planCreate({ config, facts, request });
  const steps = inside.filter(({ pointer }) => pointer?.startsWith("/mounts/") === true);
  return {
    mounts: steps.filter(({ op }) => op !== "setAttributes"),
    finish: steps.filter(({ op }) => op === "setAttributes"),
  };
}

const facts: Facts = { cgroup: { hierarchies: [] } };
const request: Request = {
  id: "one",
  bundle: "/bundle",
  rootfs: "/bundle/rootfs",
  directory: "/run/tsrun/one",
  root: "/run/tsrun",
  start: "later",
  foreground: false,
  noPivot: false,
  noNewKeyring: false,
  preserve: 0,
  listenFds: 0,
  cgroups: "disabled",
  created: "2026-01-01T00:00:00Z",
  owner: 0,
};

/** The only step of one mount. */
function only(mount: Mount): InsideOp {
  const { mounts, finish } = planned(mount);
  assert.deepEqual([mounts.length, finish], [1, []]);
  const [step] = mounts;
  assert.ok(step !== undefined);
  return step;
}

test("a new file system: words become attributes, the rest is data", () => {
  const options = ["nosuid", "noexec", "strictatime", "mode=755", "size=64k"];
  assert.deepEqual(only({ destination: "/dev", type: "tmpfs", source: "fresh", options }), {
    op: "mount",
    type: "tmpfs",
    source: "fresh",
    target: "/dev",
    attributes: NOSUID | NOEXEC | STRICTATIME,
    options: ["mode=755", "size=64k"],
    pointer: "/mounts/0",
  });
});

test("tmpcopyup is a word of the step, not data for tmpfs", () => {
  const options = ["rw", "rprivate", "nosuid", "nodev", "tmpcopyup"];
  assert.deepEqual(only({ destination: "/tmp", type: "tmpfs", source: "tmpfs", options }), {
    op: "mount",
    type: "tmpfs",
    target: "/tmp",
    attributes: NOSUID | NODEV,
    options: [],
    propagation: PRIVATE | REC,
    copyUp: true,
    pointer: "/mounts/0",
  });
});

for (const word of ["ro", "rro"])
  test(`a tmpfs is filled before it becomes read-only (${word})`, () => {
    const options = ["tmpcopyup", word];
    const { mounts, finish } = planned({ destination: "/tmp", type: "tmpfs", options });
    assert.deepEqual(
      mounts.map((step) => "attributes" in step && step.attributes),
      [0],
    );
    assert.deepEqual(finish, [{ op: "setAttributes", path: "/tmp", set: RDONLY, pointer: "/mounts/0" }]);
  });

test("a source that is the type's name goes without saying", () => {
  assert.equal("source" in only({ destination: "/a", type: "tmpfs", source: "tmpfs" }), false);
  assert.equal("source" in only({ destination: "/a", type: "tmpfs" }), false);
});

test("any other read-only file system is so from the start", () => {
  const step = only({ destination: "/sys", type: "sysfs", source: "sysfs", options: ["ro"] });
  assert.equal("attributes" in step && step.attributes, RDONLY);
});

test("a bind mount: a relative source starts at the bundle, its type does not matter", () => {
  const options = ["rbind", "ro", "rnodev", "rslave"];
  assert.deepEqual(only({ destination: "data", type: "tmpfs", source: "beside", options }), {
    op: "bind",
    source: "/bundle/beside",
    target: "/data",
    recursive: true,
    set: RDONLY,
    setAll: NODEV,
    propagation: SLAVE | REC,
    pointer: "/mounts/0",
  });
});

test("mounts keep their order, and each step knows its mount", () => {
  const { mounts } = planned(
    { destination: "/b", type: "tmpfs" },
    { destination: "/a", source: "/x", options: ["bind"] },
    { destination: "/b/c", type: "tmpfs" },
  );
  assert.deepEqual(
    mounts.map((step) => ["target" in step && step.target, step.pointer]),
    [
      ["/b", "/mounts/0"],
      ["/a", "/mounts/1"],
      ["/b/c", "/mounts/2"],
    ],
  );
});

test("only files that engines cover may be mounted below /proc", () => {
  const covering = (destination: string): boolean =>
    "belowProc" in only({ destination, source: "/x", options: ["bind"] });
  assert.equal(covering("/proc/meminfo"), true);
  assert.equal(covering("/proc/sys/kernel/core_pattern"), false);
  assert.equal(covering("/proc/meminfo/../sys"), false);
});

test("of contradicting words the last one wins, and the mask of access times stays whole", () => {
  const { set, clear } = sortOptions(["ro", "rw", "noatime", "strictatime", "nodev", "dev"]);
  assert.equal(set, STRICTATIME);
  assert.equal(clear, RDONLY | ATIME | NODEV);
  assert.equal(sortOptions(["strictatime", "noatime"]).set, NOATIME);
});

const one = [{ containerID: 0, hostID: 5, size: 3 }];

test("ids are mapped by a mount's own mappings, or by those of the container", () => {
  const options = ["rbind", "ridmap"];
  const step = { op: "bind", source: "/s", target: "/t", recursive: true, pointer: "/mounts/0" };
  const mount = { destination: "/t", source: "/s", options, uidMappings: one, gidMappings: one };
  assert.deepEqual(only(mount), { ...step, idmap: true, idmapAll: true, uidMap: "0 5 3\n", gidMap: "0 5 3\n" });
  const linux: Linux = { namespaces: [{ type: "mount" }, { type: "user" }], uidMappings: one, gidMappings: one };
  assert.deepEqual(plannedIn(linux, [{ destination: "/t", source: "/s", options }]).mounts, [
    { ...step, borrow: true, idmap: true, idmapAll: true },
  ]);
});

test("what a user namespace may not mount without a namespace of its own is the host's", () => {
  const namespaces = (...types: ("mount" | "user" | "network")[]) => ({ namespaces: types.map((type) => ({ type })) });
  const mount: Mount = { destination: "/sys", type: "sysfs", options: ["ro"] };
  const instead = (linux: Linux) =>
    plannedIn(linux, [mount]).mounts.map((step) => ("instead" in step ? step.instead : ""));
  assert.deepEqual(instead(namespaces("mount", "user")), ["/sys"]);
  assert.deepEqual(instead(namespaces("mount", "user", "network")), [""]);
  assert.deepEqual(instead(namespaces("mount")), [""]);
});

test("remount changes a mount, and with bind not its file system", () => {
  const step = { op: "remount", target: "/t", set: RDONLY, clear: 0, pointer: "/mounts/0" };
  assert.deepEqual(only({ destination: "/t", options: ["remount", "ro", "size=5"] }), { ...step, options: ["size=5"] });
  assert.deepEqual(only({ destination: "/t", options: ["bind", "remount", "ro"] }), { ...step, options: [] });
});

test("words about symlinks become members of the step", () => {
  const options = ["bind", "copy-symlink", "src-nofollow", "dest-nofollow"];
  assert.deepEqual(only({ destination: "/t", source: "/s", options }), {
    ...{ op: "bind", source: "/s", target: "/t", pointer: "/mounts/0" },
    ...{ copySymlink: true, sourceNofollow: true, targetNofollow: true },
  });
});
