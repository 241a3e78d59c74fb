import { TsrunError } from "../error.js";
import type { BlockIO, Cpu, Memory, Resources } from "../generated/config.js";

/** Values for one file of a cgroup; `optional`: a host without the file is content. */
export interface FileWrite {
  readonly file: string;
  readonly values: string[];
  readonly optional?: true;
}

/** What one layout makes of a value; without `files` or `rules` it cannot apply it. */
export interface Layout {
  readonly controller: string;
  readonly files?: readonly FileWrite[];
  /** Rules for devices, which cgroup v2 has no files for. */
  readonly rules?: string[];
}

/** One value of linux.resources and the files that take it. */
export interface Demand {
  readonly pointer: string;
  readonly v1: Layout;
  readonly v2: Layout;
  readonly late?: true;
}

type Whole = number | bigint;

const put = (file: string, value: string): FileWrite => ({ file, values: [value] });
const mayPut = (file: string, value: string): FileWrite => ({ file, values: [value], optional: true });
const layout = (controller: string, ...files: readonly FileWrite[]): Layout => ({ controller, files });
const nowhere = (controller: string): Layout => ({ controller });

/** A value that is absent, zero or false asks for nothing. */
const asked = (value: Whole | undefined): value is Whole => value !== undefined && value !== 0 && value !== 0n;

export function demandsOf(resources: Resources): readonly Demand[] {
  const { cpu, memory, pids, blockIO } = resources;
  return [
    ...(cpu === undefined ? [] : cpuDemands(cpu)),
    ...(memory === undefined ? [] : memoryDemands(memory)),
    ...(pids === undefined ? [] : [pidsDemand(pids.limit)]),
    ...(blockIO === undefined ? [] : blockDemands(blockIO)),
    ...(resources.hugepageLimits === undefined ? [] : hugepageDemands(resources)),
    ...(resources.network === undefined ? [] : networkDemands(resources)),
    ...(resources.unified === undefined ? [] : unifiedDemands(resources)),
  ];
}

function cpuDemands(cpu: Cpu): readonly Demand[] {
  const demands: Demand[] = [];
  const demand = (name: keyof Cpu, v1: Layout, v2: Layout): void => {
    demands.push({ pointer: `/linux/resources/cpu/${name}`, v1, v2 });
  };
  const { shares, burst, realtimePeriod, realtimeRuntime, idle, cpus, mems } = cpu;
  if (asked(shares))
    demand("shares", layout("cpu", put("cpu.shares", `${shares}`)), layout("cpu", put("cpu.weight", weight(shares))));
  if (asked(cpu.period) || asked(cpu.quota))
    demand(asked(cpu.quota) ? "quota" : "period", bandwidth(cpu), maximum(cpu));
  if (asked(burst))
    demand(
      "burst",
      layout("cpu", put("cpu.cfs_burst_us", `${burst}`)),
      layout("cpu", put("cpu.max.burst", `${burst}`)),
    );
  if (asked(realtimePeriod))
    demand("realtimePeriod", layout("cpu", put("cpu.rt_period_us", `${realtimePeriod}`)), nowhere("cpu"));
  if (asked(realtimeRuntime))
    demand("realtimeRuntime", layout("cpu", put("cpu.rt_runtime_us", `${realtimeRuntime}`)), nowhere("cpu"));
  if (asked(idle)) demand("idle", layout("cpu", put("cpu.idle", `${idle}`)), layout("cpu", put("cpu.idle", `${idle}`)));
  if (cpus) demand("cpus", layout("cpuset", put("cpuset.cpus", cpus)), layout("cpuset", put("cpuset.cpus", cpus)));
  if (mems) demand("mems", layout("cpuset", put("cpuset.mems", mems)), layout("cpuset", put("cpuset.mems", mems)));
  return demands;
}

/** v1: the period first, for a quota is checked against it. */
function bandwidth({ period, quota }: Cpu): Layout {
  return layout(
    "cpu",
    ...(asked(period) ? [put("cpu.cfs_period_us", `${period}`)] : []),
    ...(asked(quota) ? [put("cpu.cfs_quota_us", `${quota}`)] : []),
  );
}

function maximum({ period, quota }: Cpu): Layout {
  const most = asked(quota) && quota > 0 ? `${quota}` : "max";
  return layout("cpu", put("cpu.max", `${most} ${asked(period) ? period : 100_000}`));
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
  const demands: Demand[] = [];
  const demand = (name: keyof Memory, v1: FileWrite, v2?: FileWrite): void => {
    demands.push({
      pointer: `/linux/resources/memory/${name}`,
      v1: layout("memory", v1),
      v2: v2 === undefined ? nowhere("memory") : layout("memory", v2),
    });
  };
  const { limit, reservation, swappiness } = memory;
  const unlimited = (value: Whole): string => (value < 0 ? "max" : `${value}`);
  // a limit that is taken away takes the limit on memory and swap away as well
  const swap = limit !== undefined && limit < 0 && !asked(memory.swap) ? limit : memory.swap;
  if (asked(limit)) demand("limit", put("memory.limit_in_bytes", `${limit}`), put("memory.max", unlimited(limit)));
  if (asked(swap))
    demand("swap", put("memory.memsw.limit_in_bytes", `${swap}`), put("memory.swap.max", swapAlone(limit, swap)));
  if (asked(reservation))
    demand(
      "reservation",
      put("memory.soft_limit_in_bytes", `${reservation}`),
      put("memory.low", unlimited(reservation)),
    );
  if (asked(swappiness)) demand("swappiness", put("memory.swappiness", `${swappiness}`));
  if (memory.disableOOMKiller === true) demand("disableOOMKiller", put("memory.oom_control", "1"));
  if (memory.useHierarchy === true) demand("useHierarchy", put("memory.use_hierarchy", "1"));
  return demands;
}

/** v1 limits memory and swap together, v2 swap alone. */
function swapAlone(limit: Whole | undefined, swap: Whole): string {
  if (swap < 0) return "max";
  if (limit !== undefined && limit < 0) return String(swap);
  if (asked(limit) && BigInt(swap) >= BigInt(limit)) return String(BigInt(swap) - BigInt(limit));
  const pointer = "/linux/resources/memory/swap";
  throw new TsrunError(
    "config",
    `config.json: ${pointer}: expected at least /linux/resources/memory/limit, found ${swap}`,
    {
      pointer,
    },
  );
}

/** 0 becomes 1: the kernel's 0 would keep even the container's own program from being executed by a fork. */
function pidsDemand(limit: Whole): Demand {
  const value = limit < 0 ? "max" : asked(limit) ? `${limit}` : "1";
  const both = layout("pids", put("pids.max", value));
  return { pointer: "/linux/resources/pids/limit", v1: both, v2: both, late: true };
}

/** v1 throttles by file, v2 by a word in io.max. */
const throttles = [
  ["throttleReadBpsDevice", "blkio.throttle.read_bps_device", "rbps"],
  ["throttleWriteBpsDevice", "blkio.throttle.write_bps_device", "wbps"],
  ["throttleReadIOPSDevice", "blkio.throttle.read_iops_device", "riops"],
  ["throttleWriteIOPSDevice", "blkio.throttle.write_iops_device", "wiops"],
] as const;

function blockDemands(block: BlockIO): readonly Demand[] {
  const demands: Demand[] = [];
  const demand = (name: string, v1: FileWrite, v2?: FileWrite): void => {
    demands.push({
      pointer: `/linux/resources/blockIO/${name}`,
      v1: layout("blkio", v1),
      v2: v2 === undefined ? nowhere("io") : layout("io", v2),
    });
  };
  const { weight: share, leafWeight, weightDevice = [] } = block;
  const ioWeight = (value: Whole): string => String(Math.floor(1 + ((Number(value) - 10) * 9999) / 990));
  if (asked(share)) demand("weight", put("blkio.bfq.weight", `${share}`), put("io.weight", ioWeight(share)));
  if (asked(leafWeight)) demand("leafWeight", put("blkio.leaf_weight", `${leafWeight}`));
  weightDevice.forEach(({ major, minor, weight: value }, index) => {
    if (asked(value)) demand(`weightDevice/${index}`, put("blkio.bfq.weight_device", `${major}:${minor} ${value}`));
  });
  for (const [name, file, word] of throttles)
    (block[name] ?? []).forEach(({ major, minor, rate = 0 }, index) => {
      const device = `${major}:${minor}`;
      demand(
        `${name}/${index}`,
        put(file, `${device} ${rate}`),
        put("io.max", `${device} ${word}=${asked(rate) ? rate : "max"}`),
      );
    });
  return demands;
}

function hugepageDemands({ hugepageLimits = [] }: Resources): readonly Demand[] {
  return hugepageLimits.map(({ pageSize: size, limit }, index) => ({
    pointer: `/linux/resources/hugepageLimits/${index}`,
    v1: layout(
      "hugetlb",
      put(`hugetlb.${size}.limit_in_bytes`, `${limit}`),
      mayPut(`hugetlb.${size}.rsvd.limit_in_bytes`, `${limit}`),
    ),
    v2: layout("hugetlb", put(`hugetlb.${size}.max`, `${limit}`), mayPut(`hugetlb.${size}.rsvd.max`, `${limit}`)),
  }));
}

function networkDemands({ network = {} }: Resources): readonly Demand[] {
  const { classID, priorities = [] } = network;
  const at = "/linux/resources/network";
  const ranks = priorities.map(({ name, priority }, index) => ({
    pointer: `${at}/priorities/${index}`,
    v1: layout("net_prio", put("net_prio.ifpriomap", `${name} ${priority}`)),
    v2: nowhere("net_prio"),
  }));
  if (!asked(classID)) return ranks;
  return [
    { pointer: `${at}/classID`, v1: layout("net_cls", put("net_cls.classid", `${classID}`)), v2: nowhere("net_cls") },
    ...ranks,
  ];
}

/** linux.resources.unified: lines for files of cgroup v2, which the kernel names `controller.something`. */
function unifiedDemands({ unified = {} }: Resources): readonly Demand[] {
  return Object.entries(unified).map(([file, value]) => {
    const controller = file.slice(0, Math.max(0, file.indexOf(".")));
    const lines = value.split("\n").filter((line) => line !== "");
    return {
      pointer: `/linux/resources/unified/${file.replaceAll("~", "~0").replaceAll("/", "~1")}`,
      v1: nowhere(""),
      v2: { controller: controller === "cgroup" ? "" : controller, files: [{ file, values: lines }] },
    };
  });
}
