import type { Mount } from "../generated/config.js";
import type { InsideOp } from "../generated/plan.js";
import { lookup } from "../tables/lookup.js";
import { mountAttributes, mountOptions } from "../tables/mount-options.js";
import type { CgroupPlace } from "./cgroup.js";
import { cgroupMount } from "./cgroup-mount.js";
import type { Namespaces } from "./namespaces.js";
import type { Inside, Situation } from "./request.js";

/** mounts[].options, sorted by what they are for. */
export interface MountWords {
  readonly set: number;
  readonly clear: number;
  readonly setAll: number;
  readonly clearAll: number;
  readonly propagation: number;
  readonly bind: "one" | "tree" | undefined;
  /** Flags of the superblock and data of the file system, for fsconfig. */
  readonly data: readonly string[];
}

export function sortOptions(words: readonly string[]): MountWords {
  let [set, clear, setAll, clearAll, propagation] = [0, 0, 0, 0, 0];
  let bind: MountWords["bind"];
  const data: string[] = [];
  for (const word of words) {
    const option = lookup(mountOptions, word);
    if (option === undefined) {
      data.push(word);
      continue;
    }
    const [on, off] = [option.set ?? 0, option.clear ?? 0];
    if (option.recursive === true) [setAll, clearAll] = [(setAll & ~off) | on, (clearAll & ~on) | off];
    else [set, clear] = [(set & ~off) | on, (clear & ~on) | off];
    if (option.recursive === true && isAtime(on, off)) clearAll |= mountAttributes.ATIME;
    if (option.recursive !== true && isAtime(on, off)) clear |= mountAttributes.ATIME;
    if (option.propagation !== undefined) propagation = option.propagation;
    if (option.bind !== undefined) bind = option.bind;
    if (option.superblock !== undefined) data.push(option.superblock);
  }
  return { set, clear, setAll, clearAll, propagation, bind, data };
}

/** mount_setattr changes the access-time mode only when the whole mask is cleared as well. */
const isAtime = (set: number, clear: number): boolean => ((set | clear) & mountAttributes.ATIME) !== 0;

/** Every entry of mounts, in its order; what is read-only but must be filled first is made read-only at the end. */
export function planMounts(
  situation: Situation,
  namespaces: Namespaces,
  places: readonly CgroupPlace[],
): { readonly mounts: Inside; readonly finish: Inside } {
  const mounts: InsideOp[] = [];
  const finish: InsideOp[] = [];
  for (const [index, mount] of (situation.config.mounts ?? []).entries()) {
    const pointer = `/mounts/${index}`;
    const words = sortOptions(mount.options ?? []);
    const steps =
      words.bind === undefined && mount.type === "cgroup"
        ? cgroupMount({ situation, mount, words, places, pointer, ownNamespace: namespaces.fresh.has("cgroup") })
        : planMount(situation, mount, words, pointer);
    mounts.push(...steps.mounts);
    finish.push(...steps.finish);
  }
  return { mounts, finish };
}

function planMount(situation: Situation, mount: Mount, words: MountWords, pointer: string): Steps {
  return words.bind === undefined ? planNew(mount, words, pointer) : planBind(situation, mount, words, pointer);
}

export interface Steps {
  readonly mounts: Inside;
  readonly finish: Inside;
}

function planBind({ request }: Situation, mount: Mount, words: MountWords, pointer: string): Steps {
  const source = mount.source ?? "";
  const bind: InsideOp = {
    op: "bind",
    source: source.startsWith("/") ? source : `${request.bundle}/${source}`,
    target: absolute(mount.destination),
    recursive: words.bind === "tree",
    set: words.set,
    clear: words.clear,
    setAll: words.setAll,
    clearAll: words.clearAll,
    propagation: words.propagation,
    belowProc: coversProc(mount.destination),
    pointer,
  };
  return { mounts: [bind], finish: [] };
}

const { RDONLY } = mountAttributes;

function planNew(mount: Mount, words: MountWords, pointer: string): Steps {
  const target = absolute(mount.destination);
  const type = mount.type ?? "none";
  // devices and later mount points are still to be made on these
  const later = (words.set & RDONLY) !== 0 && (type === "tmpfs" || target === "/dev");
  const step: InsideOp = {
    op: "mount",
    type,
    source: mount.source ?? type,
    target,
    attributes: (words.set | words.setAll) & (later ? ~RDONLY : ~0),
    options: [...words.data],
    propagation: words.propagation,
    ordinary: type === "proc" || type === "sysfs",
    belowProc: coversProc(mount.destination),
    pointer,
  };
  const finish: Inside = later
    ? [{ op: "setAttributes", path: target, set: RDONLY, clear: 0, recursive: false, pointer }]
    : [];
  return { mounts: [step], finish };
}

/** A relative destination counts from the root, as in runtimes before version 1.0 of the specification. */
export function absolute(path: string): string {
  return path.startsWith("/") ? path : `/${path}`;
}

/** Files of /proc that engines may cover, by lxcfs or by a file of zeros. Anything else there would lie about the kernel. */
const coverable: readonly string[] = [
  "cpuinfo",
  "diskstats",
  "loadavg",
  "meminfo",
  "slabinfo",
  "stat",
  "swaps",
  "sys/crypto/fips_enabled",
  "sys/kernel/ns_last_pid",
  "uptime",
];

function coversProc(destination: string): boolean {
  return coverable.some((name) => absolute(destination) === `/proc/${name}`);
}
