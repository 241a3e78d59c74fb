import { TsrunError } from "../error.js";
import type { BlockIO, Cpu, Memory, Resources } from "../generated/config.js";

/** File, value, and whether a host without the file is content. */
export type FileWrite = readonly [file: string, value: string, optional?: "optional"];

/** One value of linux.resources and the files that take it; a layout without `files` cannot apply it. */
export interface Demand {
  readonly pointer: string;
  readonly v1: { readonly controller: string; readonly files?: readonly FileWrite[] };
  readonly v2: { readonly controller: string; readonly files?: readonly FileWrite[] };
  readonly late?: true;
}

type Whole = number | bigint;

/** A value that is absent, zero or false asks for nothing. */
export function demandsOf(resources: Resources): readonly Demand[] {
  return [
    ...cpuDemands(resources.cpu ?? {}),
    ...memoryDemands(resources.memory ?? {}),
    ...pidsDemand(resources.pids?.limit),
    ...blockDemands(resources.blockIO ?? {}),
    ...hugepageDemands(resources),
    ...networkDemands(resources),
    ...unifiedDemands(resources),
  ];
}

const asked = (value: Whole | undefined): value is Whole => value !== undefined && value !== 0 && value !== 0n;

function cpuDemands(cpu: Cpu): readonly Demand[] {
  const at = "/linux/resources/cpu";
  const simple = (name: string, controller: string, v1: readonly FileWrite[], v2?: readonly FileWrite[]): Demand => ({
    pointer: `${at}/${name}`,
    v1: { controller, files: v1 },
    v2: v2 === undefined ? { controller } : { controller, files: v2 },
  });
  const period = asked(cpu.period) ? cpu.period : 100_000;
  const quota = asked(cpu.quota) && cpu.quota > 0 ? String(cpu.quota) : "max";
  return [
    ...(asked(cpu.shares)
      ? [simple("shares", "cpu", [["cpu.shares", `${cpu.shares}`]], [["cpu.weight", weight(cpu.shares)]])]
      : []),
    ...(asked(cpu.period) || asked(cpu.quota)
      ? [
          simple(
            asked(cpu.quota) ? "quota" : "period",
            "cpu",
            [
              ...(asked(cpu.period) ? [["cpu.cfs_period_us", `${cpu.period}`] as const] : []),
              ...(asked(cpu.quota) ? [["cpu.cfs_quota_us", `${cpu.quota}`] as const] : []),
            ],
            [["cpu.max", `${quota} ${period}`]],
          ),
        ]
      : []),
    ...(asked(cpu.burst)
      ? [simple("burst", "cpu", [["cpu.cfs_burst_us", `${cpu.burst}`]], [["cpu.max.burst", `${cpu.burst}`]])]
      : []),
    ...(asked(cpu.realtimePeriod)
      ? [simple("realtimePeriod", "cpu", [["cpu.rt_period_us", `${cpu.realtimePeriod}`]])]
      : []),
    ...(asked(cpu.realtimeRuntime)
      ? [simple("realtimeRuntime", "cpu", [["cpu.rt_runtime_us", `${cpu.realtimeRuntime}`]])]
      : []),
    ...(asked(cpu.idle) ? [simple("idle", "cpu", [["cpu.idle", `${cpu.idle}`]], [["cpu.idle", `${cpu.idle}`]])] : []),
    ...(cpu.cpus ? [simple("cpus", "cpuset", [["cpuset.cpus", cpu.cpus]], [["cpuset.cpus", cpu.cpus]])] : []),
    ...(cpu.mems ? [simple("mems", "cpuset", [["cpuset.mems", cpu.mems]], [["cpuset.mems", cpu.mems]])] : []),
  ];
}

/** cpu.shares (2 to 262144) as cpu.weight (1 to 10000): a curve through (2, 1), (1024, 100) and (262144, 10000). */
export function weight(shares: Whole): string {
  const value = Number(shares);
  if (value <= 2) return "1";
  if (value >= 262_144) return "10000";
  const l = Math.log2(value);
  return String(Math.ceil(10 ** ((l * l + 125 * l) / 612 - 7 / 34)));
}

function memoryDemands(memory: Memory): readonly Demand[] {
  const at = "/linux/resources/memory";
  const one = (name: string, v1: FileWrite, v2?: FileWrite): Demand => ({
    pointer: `${at}/${name}`,
    v1: { controller: "memory", files: [v1] },
    v2: v2 === undefined ? { controller: "memory" } : { controller: "memory", files: [v2] },
  });
  const { limit, swap, reservation, swappiness } = memory;
  const unlimited = (value: Whole): string => (value < 0 ? "max" : String(value));
  // a limit that is taken away takes the limit on memory and swap away as well
  const both = limit !== undefined && limit < 0 && !asked(swap) ? limit : swap;
  return [
    ...(asked(limit) ? [one("limit", ["memory.limit_in_bytes", `${limit}`], ["memory.max", unlimited(limit)])] : []),
    ...(asked(both)
      ? [one("swap", ["memory.memsw.limit_in_bytes", `${both}`], ["memory.swap.max", swapAlone(limit, both)])]
      : []),
    ...(asked(reservation)
      ? [one("reservation", ["memory.soft_limit_in_bytes", `${reservation}`], ["memory.low", unlimited(reservation)])]
      : []),
    ...(asked(swappiness) ? [one("swappiness", ["memory.swappiness", `${swappiness}`])] : []),
    ...(memory.disableOOMKiller === true ? [one("disableOOMKiller", ["memory.oom_control", "1"])] : []),
    ...(memory.useHierarchy === true ? [one("useHierarchy", ["memory.use_hierarchy", "1"])] : []),
  ];
}

/** v1 limits memory and swap together, v2 swap alone. */
function swapAlone(limit: Whole | undefined, swap: Whole): string {
  if (swap < 0) return "max";
  if (limit !== undefined && limit < 0) return String(swap);
  if (!asked(limit) || BigInt(swap) < BigInt(limit))
    throw new TsrunError(
      "config",
      "config.json: /linux/resources/memory/swap: expected at least /linux/resources/memory/limit",
      {
        pointer: "/linux/resources/memory/swap",
      },
    );
  return String(BigInt(swap) - BigInt(limit));
}

/** 0 becomes 1: the kernel's 0 would keep even the container's own program from being executed by a fork. */
function pidsDemand(limit: Whole | undefined): readonly Demand[] {
  if (limit === undefined) return [];
  const value = limit < 0 ? "max" : limit === 0 || limit === 0n ? "1" : String(limit);
  const files: readonly FileWrite[] = [["pids.max", value]];
  const both = { controller: "pids", files };
  return [{ pointer: "/linux/resources/pids/limit", v1: both, v2: both, late: true }];
}

/** v1 throttles by file, v2 by a word in io.max. */
const throttles = [
  ["throttleReadBpsDevice", "blkio.throttle.read_bps_device", "rbps"],
  ["throttleWriteBpsDevice", "blkio.throttle.write_bps_device", "wbps"],
  ["throttleReadIOPSDevice", "blkio.throttle.read_iops_device", "riops"],
  ["throttleWriteIOPSDevice", "blkio.throttle.write_iops_device", "wiops"],
] as const;

function blockDemands(block: BlockIO): readonly Demand[] {
  const at = "/linux/resources/blockIO";
  const one = (name: string, v1: FileWrite, v2?: FileWrite): Demand => ({
    pointer: `${at}/${name}`,
    v1: { controller: "blkio", files: [v1] },
    v2: v2 === undefined ? { controller: "io" } : { controller: "io", files: [v2] },
  });
  return [
    ...(asked(block.weight)
      ? [
          one(
            "weight",
            ["blkio.bfq.weight", `${block.weight}`],
            ["io.weight", `${Math.floor(1 + ((block.weight - 10) * 9999) / 990)}`],
          ),
        ]
      : []),
    ...(asked(block.leafWeight) ? [one("leafWeight", ["blkio.leaf_weight", `${block.leafWeight}`])] : []),
    ...(block.weightDevice ?? []).flatMap(({ major, minor, weight: value }, index) =>
      asked(value) ? [one(`weightDevice/${index}`, ["blkio.bfq.weight_device", `${major}:${minor} ${value}`])] : [],
    ),
    ...throttles.flatMap(([name, file, word]) =>
      (block[name] ?? []).map(({ major, minor, rate = 0 }, index) =>
        one(
          `${name}/${index}`,
          [file, `${major}:${minor} ${rate}`],
          ["io.max", `${major}:${minor} ${word}=${asked(rate) ? rate : "max"}`],
        ),
      ),
    ),
  ];
}

function hugepageDemands({ hugepageLimits = [] }: Resources): readonly Demand[] {
  return hugepageLimits.map(({ pageSize, limit }, index) => ({
    pointer: `/linux/resources/hugepageLimits/${index}`,
    v1: {
      controller: "hugetlb",
      files: [
        [`hugetlb.${pageSize}.limit_in_bytes`, `${limit}`],
        [`hugetlb.${pageSize}.rsvd.limit_in_bytes`, `${limit}`, "optional"],
      ],
    },
    v2: {
      controller: "hugetlb",
      files: [
        [`hugetlb.${pageSize}.max`, `${limit}`],
        [`hugetlb.${pageSize}.rsvd.max`, `${limit}`, "optional"],
      ],
    },
  }));
}

function networkDemands({ network = {} }: Resources): readonly Demand[] {
  const { classID, priorities = [] } = network;
  const at = "/linux/resources/network";
  const classes: readonly Demand[] = asked(classID)
    ? [
        {
          pointer: `${at}/classID`,
          v1: { controller: "net_cls", files: [["net_cls.classid", `${classID}`]] },
          v2: { controller: "net_cls" },
        },
      ]
    : [];
  const ranks = priorities.map(({ name, priority }, index): Demand => ({
    pointer: `${at}/priorities/${index}`,
    v1: { controller: "net_prio", files: [["net_prio.ifpriomap", `${name} ${priority}`]] },
    v2: { controller: "net_prio" },
  }));
  return [...classes, ...ranks];
}

/** linux.resources.unified: lines for files of cgroup v2, which the kernel names `controller.something`. */
function unifiedDemands({ unified = {} }: Resources): readonly Demand[] {
  return Object.entries(unified).map(([file, value]) => {
    const controller = file.slice(0, Math.max(0, file.indexOf(".")));
    return {
      pointer: `/linux/resources/unified/${file.replaceAll("~", "~0").replaceAll("/", "~1")}`,
      v1: { controller: "" },
      v2: {
        controller: controller === "cgroup" ? "" : controller,
        files: value
          .split("\n")
          .filter((line) => line !== "")
          .map((line) => [file, line] as const),
      },
    };
  });
}
