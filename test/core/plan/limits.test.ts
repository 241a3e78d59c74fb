import assert from "node:assert/strict";
import { test } from "node:test";
import type { Resources } from "../../../src/core/generated/config.js";
import { type Demand, demandsOf, type Layout } from "../../../src/core/plan/limits.js";
import { ioWeight } from "../../../src/core/plan/limits-block.js";
import { weight } from "../../../src/core/plan/limits-cpu.js";
import { pageName } from "../../../src/core/plan/limits-other.js";

const demands = (given: Resources, standing = given, fresh = true): readonly Demand[] =>
  demandsOf({ given, standing, fresh });

const lines = (layout: Layout): string[] | undefined =>
  layout.files?.map(({ file, values }) => `${file}=${values.join("|")}`);

/** Every write of one version. */
const writes = (given: Resources, version: "v1" | "v2", standing = given, fresh = true): string[] =>
  demands(given, standing, fresh).flatMap((demand) => lines(demand[version]) ?? ["nowhere"]);

test("shares become weights along the curve through (2, 1), (1024, 100) and (262144, 10000)", () => {
  const pairs = [
    [1, "1"],
    [2, "1"],
    [3, "2"],
    [512, "59"],
    [1024, "100"],
    [2048, "174"],
    [262_143, "10000"],
    [262_144, "10000"],
    [2n ** 64n - 1n, "10000"],
  ] as const;
  assert.deepEqual(
    pairs.map(([shares]) => weight(shares)),
    pairs.map(([, expected]) => expected),
  );
});

test("weights of block I/O go from 10..1000 to 1..10000", () => {
  assert.deepEqual([10, 100, 500, 1000].map(ioWeight), ["1", "910", "4950", "10000"]);
});

test("zero, false and absent members ask for nothing", () => {
  const nothing: Resources = {
    cpu: {
      shares: 0,
      quota: 0,
      period: 0,
      burst: 0,
      idle: 0,
      realtimePeriod: 0,
      realtimeRuntime: 0,
      cpus: "",
      mems: "",
    },
    memory: { limit: 0, swap: 0, reservation: 0, kernel: 0, swappiness: 0, disableOOMKiller: false },
    blockIO: { weight: 0, leafWeight: 0 },
    network: { classID: 0, priorities: [] },
  };
  assert.deepEqual(demands(nothing), []);
});

test("an update writes the zeros of what can be switched off", () => {
  const given = { cpu: { idle: 0, burst: 0 }, memory: { swappiness: 0, disableOOMKiller: false } };
  assert.deepEqual(writes(given, "v1", given, false), [
    "cpu.cfs_burst_us=0",
    "cpu.idle=0",
    "memory.swappiness=0",
    "memory.oom_control=0",
  ]);
});

test("quota and period are one line on v2: each keeps the other", () => {
  const max = (given: Resources, standing: Resources): string[] => writes(given, "v2", standing);
  assert.deepEqual(max({ cpu: { quota: 5 } }, { cpu: { quota: 5 } }), ["cpu.max=5"]);
  assert.deepEqual(max({ cpu: { quota: -1 } }, { cpu: { quota: -1 } }), ["cpu.max=max"]);
  assert.deepEqual(max({ cpu: { period: 9 } }, { cpu: { quota: 5, period: 9 } }), ["cpu.max=5 9"]);
  assert.deepEqual(max({ cpu: { period: 9 } }, { cpu: { period: 9 } }), ["cpu.max=max 9"]);
});

for (const [memory, v1, v2] of [
  [
    { limit: 100, swap: 150 },
    ["memory.limit_in_bytes=100", "memory.memsw.limit_in_bytes=150"],
    ["memory.max=100", "memory.swap.max=50"],
  ],
  [
    { limit: 100, swap: 100 },
    ["memory.limit_in_bytes=100", "memory.memsw.limit_in_bytes=100"],
    ["memory.max=100", "memory.swap.max=0"],
  ],
  [
    { limit: 100, swap: -1 },
    ["memory.limit_in_bytes=100", "memory.memsw.limit_in_bytes=-1"],
    ["memory.max=100", "memory.swap.max=max"],
  ],
  [{ limit: 100 }, ["memory.limit_in_bytes=100"], ["memory.max=100"]],
  [
    { limit: -1 },
    ["memory.limit_in_bytes=-1", "memory.memsw.limit_in_bytes=-1"],
    ["memory.max=max", "memory.swap.max=max"],
  ],
  [{ reservation: 7 }, ["memory.soft_limit_in_bytes=7"], ["memory.low=7"]],
] as const) {
  test(`memory ${JSON.stringify(memory)} on both layouts`, () => {
    assert.deepEqual(writes({ memory }, "v1"), v1);
    assert.deepEqual(writes({ memory }, "v2"), v2);
  });
}

test("a limit on memory and swap below that on memory, or without one, is refused", () => {
  for (const memory of [{ limit: 100, swap: 50 }, { swap: 50 }])
    assert.throws(() => demands({ memory }), {
      message: /memory\/swap: expected at least/,
      pointer: "/linux/resources/memory/swap",
    });
});

test("an update of the limit alone takes the swap that stands into account on v2", () => {
  const standing = { memory: { limit: 100, swap: 150 } };
  assert.deepEqual(writes({ memory: { limit: 100 } }, "v2", standing, false), ["memory.max=100", "memory.swap.max=50"]);
});

test("shares that v1 would change in silence are refused in runc's words", () => {
  assert.throws(() => demands({ cpu: { shares: 1 } }), /the minimum allowed cpu-shares is 2/);
  assert.throws(() => demands({ cpu: { shares: 262_145 } }), /the maximum allowed cpu-shares is 262144/);
});

test("what only v1 has is ignored aloud on v2 where engines send it, and refused elsewhere", () => {
  const verdict = (given: Resources): string[] =>
    demands(given).map(({ v2 }) => (v2.files === undefined ? "refused" : (v2.ignored ?? "applied")));
  assert.deepEqual(verdict({ memory: { swappiness: 10, disableOOMKiller: true } }), [
    "cgroup v2 has no such setting",
    "cgroup v2 has no such setting",
  ]);
  assert.deepEqual(verdict({ cpu: { realtimeRuntime: 5 }, network: { classID: 1 } }), ["refused", "refused"]);
});

test("throttles, weights of devices and rdma are one line for each device", () => {
  const given: Resources = {
    blockIO: {
      weight: 500,
      weightDevice: [{ major: 8, minor: 0, weight: 100 }],
      throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 9 }],
      throttleWriteIOPSDevice: [{ major: 8, minor: 16, rate: 0 }],
    },
    rdma: { mlx5_0: { hcaHandles: 3 } },
  };
  assert.deepEqual(writes(given, "v1"), [
    "blkio.bfq.weight=500",
    "blkio.bfq.weight_device=8:0 100",
    "blkio.throttle.read_bps_device=8:0 9",
    "blkio.throttle.write_iops_device=8:16 0",
    "rdma.max=mlx5_0 hca_handle=3 hca_object=max",
  ]);
  assert.deepEqual(writes(given, "v2"), [
    "io.bfq.weight=500",
    "io.bfq.weight=8:0 100",
    "io.max=8:0 rbps=9",
    "io.max=8:16 wiops=max",
    "rdma.max=mlx5_0 hca_handle=3 hca_object=max",
  ]);
});

test("page sizes have the kernel's names, and reservations are limited too where they can be", () => {
  assert.deepEqual(["2MB", "2048KB", "64KB", "1024MB", "1048576KB", "512MB"].map(pageName), [
    "2MB",
    "2MB",
    "64KB",
    "1GB",
    "1GB",
    "512MB",
  ]);
  assert.deepEqual(writes({ hugepageLimits: [{ pageSize: "2MB", limit: 5 }] }, "v2"), [
    "hugetlb.2MB.max=5",
    "hugetlb.2MB.rsvd.max=5",
  ]);
});

test("unified comes last, line by line, and a limit on processes waits until init is ready", () => {
  const given = { unified: { "io.max": "8:0 rbps=1\n8:1 rbps=2\n", "pids.max": "7" }, pids: { limit: 5 } };
  assert.deepEqual(writes(given, "v2"), ["pids.max=5", "io.max=8:0 rbps=1|8:1 rbps=2", "pids.max=7"]);
  assert.deepEqual(
    demands(given).map(({ late = false }) => late),
    [true, false, true],
  );
});

test("pids: 0 becomes 1, a negative number no limit", () => {
  assert.deepEqual(
    [0, -1, 5].map((limit) => writes({ pids: { limit } }, "v1")[0]),
    ["pids.max=1", "pids.max=max", "pids.max=5"],
  );
});
