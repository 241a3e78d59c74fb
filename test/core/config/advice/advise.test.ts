import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { advise } from "../../../../src/core/config/advice/advise.js";
import type { Config } from "../../../../src/core/generated/config.js";

const mount = (destination: string, type: string, options: string[], source = type) => ({
  ...{ destination, type, options, source },
});
const namespaces = ["mount", "pid", "network", "ipc", "uts", "cgroup"] as const;

/** A container to which there is nothing to say. */
const sound = (): Config => ({
  ociVersion: "1.3.0",
  root: { path: "rootfs", readonly: true },
  process: { cwd: "/", args: ["true"], user: { uid: 1, gid: 1 }, noNewPrivileges: true },
  mounts: [mount("/proc", "proc", []), mount("/sys", "sysfs", ["ro"]), mount("/sys/fs/cgroup", "cgroup", ["ro"])],
  linux: {
    namespaces: namespaces.map((type) => ({ type })),
    seccomp: { defaultAction: "SCMP_ACT_ERRNO" },
    resources: { pids: { limit: 10 }, memory: { limit: 1_000_000 } },
    maskedPaths: ["/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/acpi", "/proc/scsi", "/sys/firmware"],
    readonlyPaths: ["/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus", "/proc/fs"],
  },
});

/** Severity and pointer of each advice. */
function told(change: (config: Writable<Config>) => void): string[] {
  const config = sound() as Writable<Config>;
  change(config);
  return advise(config).map(({ severity, pointer }) => `${severity} ${pointer}`);
}

type Writable<Value> = Value extends object ? { -readonly [Key in keyof Value]: Writable<Value[Key]> } : Value;

test("there is nothing to say to a container that is confined in every way", () => {
  assert.deepEqual(advise(sound()), []);
});

const cases: readonly (readonly [title: string, change: (config: Writable<Config>) => void, ...told: string[]])[] = [
  [
    "CAP_SYS_ADMIN, once and where it is named first",
    (c) =>
      (c.process = {
        ...process(c),
        capabilities: { effective: ["CAP_SYS_ADMIN"], bounding: ["CAP_KILL", "CAP_SYS_ADMIN"] },
      }),
    "high /process/capabilities/bounding/1",
  ],
  [
    "inheritable capabilities",
    (c) => (c.process = { ...process(c), capabilities: { inheritable: ["CAP_KILL"] } }),
    "low /process/capabilities/inheritable",
  ],
  ["new privileges", (c) => delete process(c).noNewPrivileges, "medium /process/noNewPrivileges"],
  ["root without a user namespace", (c) => delete process(c).user, "medium /process/user/uid"],
  ["a program that is spared", (c) => (process(c).oomScoreAdj = -5), "low /process/oomScoreAdj"],
  [
    "the host's processes",
    (c) => (linux(c).namespaces = namespaces.filter((type) => type !== "pid").map((type) => ({ type }))),
    "high /linux/namespaces",
  ],
  [
    "a namespace of the host's first process",
    (c) =>
      (linux(c).namespaces = namespaces.map((type) => (type === "ipc" ? { type, path: "/proc/1/ns/ipc" } : { type }))),
    "medium /linux/namespaces/3/path",
  ],
  ["no filter", (c) => delete linux(c).seccomp, "medium /linux/seccomp"],
  [
    "a filter that allows by default",
    (c) => (linux(c).seccomp = { defaultAction: "SCMP_ACT_ALLOW" }),
    "low /linux/seccomp/defaultAction",
  ],
  [
    "every device",
    (c) =>
      (linux(c).resources = {
        ...linux(c).resources,
        devices: [
          { allow: true, access: "m", type: "b" },
          { allow: true, access: "rwm" },
        ],
      }),
    "high /linux/resources/devices/1",
  ],
  [
    "a disk",
    (c) => (linux(c).devices = [{ type: "b", path: "/dev/x", major: 8, minor: 0 }]),
    "medium /linux/devices/0",
  ],
  [
    "no limits",
    (c) => delete linux(c).resources,
    "low /linux/resources/pids/limit",
    "low /linux/resources/memory/limit",
  ],
  ["no masks", (c) => delete linux(c).maskedPaths, "medium /linux/maskedPaths"],
  ["no read-only paths", (c) => delete linux(c).readonlyPaths, "high /linux/readonlyPaths"],
  ["a writable sysfs", (c) => (c.mounts = [mount("/sys", "sysfs", ["nosuid"])]), "medium /mounts/0/options"],
  ["writable cgroups", (c) => (c.mounts = [mount("/sys/fs/cgroup", "cgroup", [])]), "medium /mounts/0/options"],
  [
    "the socket of an engine",
    (c) => (c.mounts = [mount("/s", "bind", ["bind"], "/var/run/docker.sock")]),
    "high /mounts/0/source",
  ],
  [
    "mounts that are shared",
    (c) => (c.mounts = [mount("/s", "bind", ["rbind", "rshared"], "/srv")]),
    "medium /mounts/0/options",
  ],
  ["a writable root", (c) => (c.root = { path: "rootfs" }), "low /root/readonly"],
  ["a relative destination", (c) => (c.mounts = [mount("s", "tmpfs", [])]), "low /mounts/0/destination"],
  [
    "root outside as an id inside",
    (c) => {
      linux(c).namespaces = [...namespaces, "user" as const].map((type) => ({ type }));
      linux(c).uidMappings = [{ containerID: 0, hostID: 0, size: 1 }];
    },
    "high /linux/uidMappings/0/hostID",
  ],
];

for (const [title, change, ...expected] of cases) {
  test(`advice about ${title}`, () => {
    assert.deepEqual(told(change), expected);
  });
}

function process({ process }: Writable<Config>): Writable<NonNullable<Config["process"]>> {
  assert.ok(process !== undefined);
  return process;
}

function linux({ linux }: Writable<Config>): Writable<NonNullable<Config["linux"]>> {
  assert.ok(linux !== undefined);
  return linux;
}

test("without a procfs and a sysfs nothing of them has to be hidden", () => {
  const open = told((c) => {
    delete linux(c).maskedPaths;
    delete linux(c).readonlyPaths;
    c.mounts = [];
  });
  assert.deepEqual(open, []);
});

test("the gravest advice comes first, and an engine's privileged container has much of it", () => {
  const text = readFileSync(new URL("../../../vectors/configs/docker-privileged.json", import.meta.url), "utf8");
  const found = advise(JSON.parse(text) as Config).map(({ severity }) => severity);
  assert.deepEqual(
    found,
    [...found].sort((a, b) => ["high", "medium", "low"].indexOf(a) - ["high", "medium", "low"].indexOf(b)),
  );
  assert.ok(found.filter((severity) => severity === "high").length >= 8, found.join());
});
