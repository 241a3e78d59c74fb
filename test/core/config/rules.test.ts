import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { examine } from "../../../src/core/config/read.js";

const runcSpec = readFileSync(new URL("../../vectors/configs/runc-spec.json", import.meta.url), "utf8");

/** Pointers and the values that are put there; undefined takes a member out. */
type Change = Readonly<Record<string, unknown>>;

function messages(change: Change): readonly string[] {
  const config = JSON.parse(runcSpec) as object;
  for (const [pointer, value] of Object.entries(change)) put(config, pointer.split("/").slice(1), value);
  return examine(JSON.stringify(config)).problems.map(({ message }) => message);
}

function put(holder: object, [step = "", ...rest]: readonly string[], value: unknown): void {
  if (rest.length > 0) put(Reflect.get(holder, step) as object, rest, value);
  else if (value === undefined) Reflect.deleteProperty(holder, step);
  else Reflect.set(holder, step, value);
}

const namespaces = (...types: readonly string[]) => types.map((type) => ({ type }));
const all = ["pid", "network", "ipc", "uts", "mount", "cgroup", "user", "time"];
const mapping = (containerID: number, hostID: number, size: number) => ({ containerID, hostID, size });
const user = {
  "/linux/namespaces": namespaces(...all),
  "/linux/uidMappings": [mapping(0, 1000, 10)],
  "/linux/gidMappings": [mapping(0, 1000, 10)],
};
const filter = (action: string, errnoRet: number) => ({
  defaultAction: "SCMP_ACT_ALLOW",
  syscalls: [{ names: ["read"], action, errnoRet }],
});

const broken: readonly (readonly [title: string, change: Change, ...messages: readonly string[]])[] = [
  ["another major version", { "/ociVersion": "2.0.0" }, '/ociVersion: expected a version 1.x.y, found "2.0.0"'],
  [
    "a version without numbers",
    { "/ociVersion": "1.latest" },
    '/ociVersion: expected a version 1.x.y, found "1.latest"',
  ],
  ["no process", { "/process": undefined }, "/process: expected an object, found nothing"],
  ["no root", { "/root": undefined }, "/root: expected an object, found nothing"],
  ["an empty root path", { "/root/path": "" }, '/root/path: expected a path, found ""'],
  ["a relative cwd", { "/process/cwd": "tmp" }, '/process/cwd: expected an absolute path, found "tmp"'],
  ["no args", { "/process/args": undefined }, "/process/args: expected an array of at least one string, found nothing"],
  ["empty args", { "/process/args": [] }, "/process/args: expected at least one string, found none"],
  ["a variable without a value", { "/process/env": ["A=b", "A"] }, '/process/env/1: expected NAME=value, found "A"'],
  ["a variable without a name", { "/process/env": ["=b"] }, '/process/env/0: expected NAME=value, found "=b"'],
  [
    "a nice value for a policy without one",
    { "/process/scheduler": { policy: "SCHED_FIFO", nice: 1, priority: 1 } },
    "/process/scheduler/nice: expected 0, or SCHED_OTHER or SCHED_BATCH, found 1",
  ],
  [
    "a nice value that does not exist",
    { "/process/scheduler": { policy: "SCHED_OTHER", nice: -21 } },
    "/process/scheduler/nice: expected an integer from -20 to 19, found -21",
  ],
  [
    "a real-time policy without a priority",
    { "/process/scheduler": { policy: "SCHED_RR" } },
    "/process/scheduler/priority: expected 1 to 99 for SCHED_RR, found 0",
  ],
  [
    "a priority for another policy",
    { "/process/scheduler": { policy: "SCHED_IDLE", priority: 1 } },
    "/process/scheduler/priority: expected 0 for SCHED_IDLE, found 1",
  ],
  [
    "times for another policy",
    { "/process/scheduler": { policy: "SCHED_BATCH", runtime: 1, period: 2 } },
    "/process/scheduler/runtime: expected 0 for SCHED_BATCH, found 1",
    "/process/scheduler/period: expected 0 for SCHED_BATCH, found 2",
  ],
  [
    "a level of I/O priority that does not exist",
    { "/process/ioPriority": { class: "IOPRIO_CLASS_RT", priority: 8 } },
    "/process/ioPriority/priority: expected an integer from 0 to 7, found 8",
  ],
  [
    "a limit twice",
    { "/process/rlimits/1": { type: "RLIMIT_NOFILE", soft: 1, hard: 1 } },
    "/process/rlimits/1/type: expected each type once, found a second RLIMIT_NOFILE",
  ],
  [
    "a soft limit above the hard one",
    { "/process/rlimits/0/soft": 1025 },
    "/process/rlimits/0/soft: expected at most the hard limit, 1024, found 1025",
  ],
  [
    "a hook's relative path",
    { "/hooks": { poststop: [{ path: "/x" }, { path: "bin/x" }] } },
    '/hooks/poststop/1/path: expected an absolute path, found "bin/x"',
  ],
  [
    "a namespace twice",
    { "/linux/namespaces/5": { type: "pid" } },
    "/linux/namespaces/5/type: expected each type once, found a second pid",
  ],
  [
    "a namespace's relative path",
    { "/linux/namespaces/0/path": "proc/1/ns/pid" },
    '/linux/namespaces/0/path: expected an absolute path, found "proc/1/ns/pid"',
  ],
  [
    "names without a uts namespace",
    { "/domainname": "d", "/linux/namespaces": namespaces("mount", "pid") },
    "/hostname: expected a namespace of type uts in /linux/namespaces, found none",
    "/domainname: expected a namespace of type uts in /linux/namespaces, found none",
  ],
  [
    "what needs a mount namespace without one",
    { "/linux/namespaces": namespaces("uts"), "/linux/rootfsPropagation": "private" },
    "/root/readonly: expected a namespace of type mount in /linux/namespaces, found none",
    "/mounts: expected a namespace of type mount in /linux/namespaces, found none",
    "/linux/maskedPaths: expected a namespace of type mount in /linux/namespaces, found none",
    "/linux/readonlyPaths: expected a namespace of type mount in /linux/namespaces, found none",
    "/linux/rootfsPropagation: expected a namespace of type mount in /linux/namespaces, found none",
  ],
  [
    "clocks without a time namespace",
    { "/linux/timeOffsets": { boottime: { secs: 1 } } },
    "/linux/timeOffsets: expected a namespace of type time in /linux/namespaces, found none",
  ],
  [
    "clocks of a time namespace that is joined",
    {
      "/linux/timeOffsets": { boottime: { secs: 1 } },
      "/linux/namespaces/5": { type: "time", path: "/proc/1/ns/time" },
    },
    "/linux/timeOffsets: expected no offsets for a time namespace that is joined, found an object",
  ],
  [
    "a second of nanoseconds",
    { ...user, "/linux/timeOffsets": { monotonic: { secs: 1, nanosecs: 1e9 } } },
    "/linux/timeOffsets/monotonic/nanosecs: expected less than a second, found 1000000000",
  ],
  [
    "mappings without a user namespace",
    { "/linux/uidMappings": [mapping(0, 0, 1)] },
    "/linux/uidMappings: expected a namespace of type user in /linux/namespaces, found none",
  ],
  [
    "a new user namespace without mappings",
    { ...user, "/linux/gidMappings": [] },
    "/linux/gidMappings: expected mappings for the new user namespace, found none",
  ],
  [
    "mappings that overlap inside",
    { ...user, "/linux/uidMappings": [mapping(0, 1000, 10), mapping(9, 5000, 1)] },
    "/linux/uidMappings/1/containerID: expected ids that mapping 0 does not have, found 9",
  ],
  [
    "mappings that overlap outside",
    { ...user, "/linux/gidMappings": [mapping(10, 1000, 10), mapping(0, 991, 10)] },
    "/linux/gidMappings/1/hostID: expected ids that mapping 0 does not have, found 991",
  ],
  [
    "a mapping beyond the last id",
    { ...user, "/linux/uidMappings": [mapping(0, 4294967290, 6)] },
    "/linux/uidMappings/0/size: expected ids up to 4294967294 from 4294967290 on, found 6",
  ],
  [
    "more mappings than the kernel takes",
    { ...user, "/linux/uidMappings": Array.from({ length: 341 }, (_, id) => mapping(id, id, 1)) },
    "/linux/uidMappings: expected at most 340 mappings, found 341",
  ],
  [
    "ids that are not mapped",
    { ...user, "/process/user": { uid: 10, gid: 9, additionalGids: [9, 11] } },
    "/process/user/uid: expected an id of /linux/uidMappings, found 10",
    "/process/user/additionalGids/1: expected an id of /linux/gidMappings, found 11",
  ],
  [
    "a parameter of the whole host",
    { "/linux/sysctl": { "kernel.core_pattern": "x", "vm.swappiness": "1", "fs.mqueue": "1" } },
    '/linux/sysctl/kernel.core_pattern: expected a parameter of a namespace, found "kernel.core_pattern"',
    '/linux/sysctl/vm.swappiness: expected a parameter of a namespace, found "vm.swappiness"',
    '/linux/sysctl/fs.mqueue: expected a parameter of a namespace, found "fs.mqueue"',
  ],
  [
    "a parameter whose name climbs out",
    { "/linux/sysctl": { "net/../kernel/core_pattern": "x", "net..x": "1", "net.ipv4.": "1" } },
    '/linux/sysctl/net~1..~1kernel~1core_pattern: expected a parameter of a namespace, found "net/../kernel/core_pattern"',
    '/linux/sysctl/net..x: expected a parameter of a namespace, found "net..x"',
    '/linux/sysctl/net.ipv4.: expected a parameter of a namespace, found "net.ipv4."',
  ],
  [
    "parameters of namespaces that are the host's",
    {
      "/linux/namespaces": namespaces("mount", "uts"),
      "/linux/sysctl": { "net.ipv4.ip_forward": "1", "kernel/msgmax": "1" },
    },
    "/linux/sysctl/net.ipv4.ip_forward: expected a namespace of type network in /linux/namespaces, found none",
    "/linux/sysctl/kernel~1msgmax: expected a namespace of type ipc in /linux/namespaces, found none",
  ],
  [
    "the hostname as a parameter",
    { "/linux/sysctl": { "kernel.hostname": "x" } },
    '/linux/sysctl/kernel.hostname: expected the member hostname instead, found "kernel.hostname"',
  ],
  [
    "a parameter of two lines",
    { "/linux/sysctl": { "net.ipv4.ip_forward": "1\n2" } },
    '/linux/sysctl/net.ipv4.ip_forward: expected one line, found "1\\n2"',
  ],
  [
    "a device without a number",
    {
      "/linux/devices": [
        { type: "p", path: "/p" },
        { type: "c", path: "/c", minor: 1 },
      ],
    },
    "/linux/devices/1/major: expected an integer from 0 to 4294967295, found nothing",
  ],
  [
    "device rules that the kernel does not know",
    { "/linux/resources/devices": [{ allow: true, type: "x", access: "rwx", major: -2, minor: -1 }] },
    '/linux/resources/devices/0/type: expected one of a, b, c, found "x"',
    '/linux/resources/devices/0/access: expected letters of rwm, found "rwx"',
    "/linux/resources/devices/0/major: expected an integer from -1 to 4294967295, found -2",
  ],
  [
    "a file that is not of the cgroup",
    { "/linux/resources/unified": { "memory.max": "1", "../memory.max": "1", "a/b": "1", "": "1" } },
    '/linux/resources/unified/..~1memory.max: expected the name of a file of a cgroup, found "../memory.max"',
    '/linux/resources/unified/a~1b: expected the name of a file of a cgroup, found "a/b"',
    '/linux/resources/unified/: expected the name of a file of a cgroup, found ""',
  ],
  [
    "an errno for an action that has none",
    { "/linux/seccomp": { defaultAction: "SCMP_ACT_ALLOW", defaultErrnoRet: 1 } },
    "/linux/seccomp/defaultErrnoRet: expected no number for SCMP_ACT_ALLOW, found 1",
  ],
  [
    "an errno for a rule that has none",
    { "/linux/seccomp": filter("SCMP_ACT_KILL", 38) },
    "/linux/seccomp/syscalls/0/errnoRet: expected no number for SCMP_ACT_KILL, found 38",
  ],
  [
    "an errno that would be cut off",
    { "/linux/seccomp": filter("SCMP_ACT_TRACE", 65536) },
    "/linux/seccomp/syscalls/0/errnoRet: expected an integer from 0 to 65535, found 65536",
  ],
  ["NUL in an argument", { "/process/args/0": "a\0b" }, "/process/args/0: expected a string without U+0000, found one"],
  [
    "half a character in a name",
    { "/annotations": { "\ud800": "x" } },
    "/annotations/\ud800: expected a string of whole characters, found half a surrogate pair",
  ],
];

for (const [title, change, ...expected] of broken) {
  test(`the rules refuse ${title}`, () => {
    assert.deepEqual(messages(change), expected);
  });
}

const allowed: readonly (readonly [title: string, change: Change])[] = [
  ["a prerelease of version 1", { "/ociVersion": "1.0.0-rc5" }],
  ["a variable with an empty value and equals signs", { "/process/env": ["A=", "B==", "C=a=b"] }],
  ["a hostname in a uts namespace that is joined", { "/linux/namespaces/3/path": "/proc/1/ns/uts" }],
  ["no names without a uts namespace", { "/hostname": "", "/linux/namespaces": namespaces("mount") }],
  ["user and group ids that are mapped", { ...user, "/process/user": { uid: 9, gid: 9, additionalGids: [0] } }],
  ["mappings that touch", { ...user, "/linux/uidMappings": [mapping(0, 1000, 10), mapping(10, 1010, 5)] }],
  ["mappings up to the last id", { ...user, "/linux/uidMappings": [mapping(0, 4294967290, 5)] }],
  [
    "any ids in a user namespace that is joined",
    {
      "/linux/namespaces/5": { type: "user", path: "/proc/1/ns/user" },
      "/process/user/uid": 7,
      "/linux/uidMappings": [mapping(0, 0, 1)],
    },
  ],
  [
    "parameters of namespaces",
    {
      ...user,
      "/linux/sysctl": {
        "net.ipv4.ip_forward": "1",
        "net/ipv4/conf/eth0.1/forwarding": "1",
        "user.max_net_namespaces": "1",
      },
    },
  ],
  ["errno numbers for rules that take them", { "/linux/seccomp": filter("SCMP_ACT_ERRNO", 65535) }],
  ["whole characters of two units", { "/process/args/0": "\u{1f600}" }],
];

for (const [title, change] of allowed) {
  test(`the rules allow ${title}`, () => {
    assert.deepEqual(messages(change), []);
  });
}
