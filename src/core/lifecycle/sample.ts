import type { Door } from "../door.js";
import type { CgroupPlace } from "../plan/cgroup.js";

/** The texts of the files of a container's cgroups, wherever their controllers are mounted. */
export interface Sample {
  readonly version: (controller: string) => 1 | 2 | undefined;
  /** Of a file, named without its directory. */
  readonly text: (file: string) => string | undefined;
  readonly sizes: readonly string[];
}

/** Files of version 1 or 2 by the controller whose hierarchy has them. */
const files = {
  1: {
    cpuacct: ["cpuacct.usage", "cpuacct.usage_percpu", "cpuacct.usage_all", "cpuacct.stat"],
    cpu: ["cpu.stat"],
    cpuset: [
      ...["cpus", "mems", "cpu_exclusive", "mem_hardwall", "mem_exclusive", "memory_migrate", "memory_spread_page"],
      ...["memory_spread_slab", "memory_pressure", "sched_load_balance", "sched_relax_domain_level"],
    ].map((name) => `cpuset.${name}`),
    memory: [
      "memory.stat",
      ...["memory", "memory.memsw", "memory.kmem", "memory.kmem.tcp"].flatMap((group) =>
        ["usage_in_bytes", "max_usage_in_bytes", "limit_in_bytes", "failcnt"].map((name) => `${group}.${name}`),
      ),
    ],
    pids: ["pids.current", "pids.max"],
    blkio: ["io_service_bytes_recursive", "io_serviced_recursive"].flatMap((name) => [
      `blkio.bfq.${name}`,
      `blkio.throttle.${name}`,
    ]),
  },
  2: {
    cpu: ["cpu.stat", "cpu.pressure"],
    cpuset: ["cpuset.cpus.effective", "cpuset.mems.effective"],
    memory: [...["stat", "current", "peak", "max", "events", "pressure", "swap.current", "swap.peak", "swap.max"]].map(
      (name) => `memory.${name}`,
    ),
    pids: ["pids.current", "pids.max"],
    io: ["io.stat", "io.pressure"],
  },
} as const;

/** Reads all of it with one call, and one more that finds the sizes of huge pages. */
export function takeSample(door: Door, places: readonly CgroupPlace[]): Sample {
  const wanted: (readonly [name: string, path: string])[] = [];
  const versions = new Map<string, 1 | 2>();
  let sizes: readonly string[] = [];
  // version 1 first: there a controller is mounted for use
  for (const { hierarchy, directory } of [...places].sort((a, b) => a.hierarchy.version - b.hierarchy.version)) {
    const known: Readonly<Record<string, readonly string[]>> = files[hierarchy.version];
    for (const controller of hierarchy.controllers) {
      if (versions.has(controller)) continue;
      versions.set(controller, hierarchy.version);
      for (const name of known[controller] ?? []) wanted.push([name, `${directory}/${name}`]);
      if (controller !== "hugetlb") continue;
      sizes = pageSizes(door.listNames(directory));
      for (const size of sizes)
        for (const name of ["usage_in_bytes", "max_usage_in_bytes", "failcnt", "current", "events"])
          wanted.push([`hugetlb.${size}.${name}`, `${directory}/hugetlb.${size}.${name}`]);
    }
  }
  const texts = door.readKernelFiles(
    wanted.map(([, path]) => path),
    false,
  );
  const byName = new Map(wanted.map(([name], index) => [name, texts[index]]));
  return { version: (controller) => versions.get(controller), text: (file) => byName.get(file), sizes };
}

function pageSizes(names: readonly string[]): readonly string[] {
  const found = names
    .map((name) => name.split("."))
    .filter(([first, , ...rest]) => first === "hugetlb" && rest.length === 1);
  return [...new Set(found.map(([, size]) => size ?? ""))].filter((size) => size.endsWith("B"));
}
