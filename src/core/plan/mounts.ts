import { isProc } from "../config/proc.js";
import type { Mount } from "../generated/config.js";
import type { InsideBind, InsideMount, InsideOp } from "../generated/plan.js";
import { lookup } from "../tables/lookup.js";
import { type MountOption, mountAttributes, mountOptions } from "../tables/mount-options.js";
import { cgroupMount } from "./cgroup-mount.js";
import { mapping } from "./mappings.js";
import type { Scene } from "./request.js";

/** mounts[].options, sorted by what they are for. */
export interface MountWords {
  set: number;
  clear: number;
  setAll: number;
  clearAll: number;
  propagation: number;
  bind: "one" | "tree" | undefined;
  copyUp: boolean;
  remount: boolean;
  idmap: "one" | "tree" | undefined;
  symlinks: readonly NonNullable<MountOption["symlink"]>[];
  /** Flags of the superblock and data of the file system, for fsconfig. */
  readonly data: string[];
}

const { RDONLY, ATIME } = mountAttributes;

/** Words are applied in their order: the last one wins. */
export function sortOptions(words: readonly string[] = []): MountWords {
  const sorted: MountWords = {
    set: 0,
    clear: 0,
    setAll: 0,
    clearAll: 0,
    propagation: 0,
    bind: undefined,
    copyUp: false,
    remount: false,
    idmap: undefined,
    symlinks: [],
    data: [],
  };
  for (const word of words) {
    const option = lookup(mountOptions, word);
    if (option === undefined) {
      sorted.data.push(word);
      continue;
    }
    const on = option.set ?? 0;
    const off = option.clear ?? 0;
    // mount_setattr changes the access-time mode only when its whole mask is cleared as well
    const mask = ((on | off) & ATIME) === 0 ? 0 : ATIME;
    if (option.recursive === true) {
      sorted.setAll = (sorted.setAll & ~off) | on;
      sorted.clearAll = (sorted.clearAll & ~on) | off | mask;
    } else {
      sorted.set = (sorted.set & ~off) | on;
      sorted.clear = (sorted.clear & ~on) | off | mask;
    }
    if (option.propagation !== undefined) sorted.propagation = option.propagation;
    if (option.bind !== undefined) sorted.bind = option.bind;
    if (option.superblock !== undefined) sorted.data.push(option.superblock);
    if (option.copyUp === true) sorted.copyUp = true;
    if (option.remount === true) sorted.remount = true;
    if (option.idmap !== undefined) sorted.idmap = option.idmap;
    if (option.symlink !== undefined) sorted.symlinks = sorted.symlinks.concat(option.symlink);
  }
  return sorted;
}

/** What mounting is done with at once, and what waits until everything is in its place. */
export interface MountSteps {
  readonly mounts: InsideOp[];
  /** What is read-only but must be filled first becomes read-only at the end. */
  readonly finish: InsideOp[];
  /** Where in mounts the container must be in its cgroups: they are mounted next. */
  cgroupsAt?: number;
}

/** Every entry of mounts, in its order. */
export function planMounts(scene: Scene): MountSteps {
  const steps: MountSteps = { mounts: [], finish: [] };
  const { mounts = [] } = scene.config;
  for (let index = 0; index < mounts.length; index += 1) {
    const mount = mounts[index];
    if (mount !== undefined) planMount(scene, mount, `/mounts/${index}`, steps);
  }
  return steps;
}

function planMount(scene: Scene, mount: Mount, pointer: string, steps: MountSteps): void {
  const words = sortOptions(mount.options);
  if (words.remount) {
    const { set, clear, data } = words;
    const target = absolute(mount.destination);
    steps.mounts.push({
      op: "remount",
      target,
      set: set | words.setAll,
      clear: clear | words.clearAll,
      options: words.bind === undefined ? data : [],
      pointer,
    });
  } else if (words.bind !== undefined) planBind(scene, mount, words, pointer, steps);
  else if (mount.type === "cgroup") {
    steps.cgroupsAt ??= steps.mounts.length;
    cgroupMount(scene, mount, words, pointer, steps);
  } else planNew(scene, mount, words, pointer, steps);
}

type Draft<Op> = { -readonly [Key in keyof Op]: Op[Key] };

function planBind(
  { request, namespaces }: Scene,
  mount: Mount,
  words: MountWords,
  pointer: string,
  steps: MountSteps,
): void {
  const source = mount.source ?? "";
  const step: Draft<InsideBind> = {
    op: "bind",
    source: source.startsWith("/") ? source : `${request.bundle}/${source}`,
    target: absolute(mount.destination),
    pointer,
  };
  if (words.bind === "tree") step.recursive = true;
  if (words.set !== 0) step.set = words.set;
  if (words.clear !== 0) step.clear = words.clear;
  if (words.setAll !== 0) step.setAll = words.setAll;
  if (words.clearAll !== 0) step.clearAll = words.clearAll;
  if (words.propagation !== 0) step.propagation = words.propagation;
  if (coversProc(mount.destination)) step.belowProc = true;
  if (isProc(mount.destination)) step.overProc = true;
  // in another's mount namespace the host's paths mean something else
  if (namespaces.user && !namespaces.joined.has("mount")) step.borrow = true;
  for (const symlink of words.symlinks) {
    if (symlink === "copy") step.copySymlink = true;
    else if (symlink === "source") step.sourceNofollow = true;
    else step.targetNofollow = true;
  }
  if (mapIds(step, mount, words) && words.idmap === "tree") step.idmapAll = true;
  steps.mounts.push(step);
}

/** Its own mappings, or those of the container's user namespace. Mappings alone are a request, too. */
function mapIds(step: Draft<InsideBind | InsideMount>, mount: Mount, words: MountWords): boolean {
  const { uidMappings = [], gidMappings = [] } = mount;
  if (words.idmap === undefined && uidMappings.length === 0) return false;
  step.idmap = true;
  if (uidMappings.length > 0) {
    step.uidMap = mapping(uidMappings);
    step.gidMap = mapping(gidMappings);
  }
  return true;
}

function planNew({ namespaces }: Scene, mount: Mount, words: MountWords, pointer: string, steps: MountSteps): void {
  const target = absolute(mount.destination);
  const type = mount.type ?? "none";
  const attributes = words.set | words.setAll;
  // devices, later mount points and copies are still to be made on these
  const later = (attributes & RDONLY) !== 0 && (type === "tmpfs" || target === "/dev");
  const step: Draft<InsideMount> = {
    op: "mount",
    type,
    target,
    attributes: attributes & (later ? ~RDONLY : ~0),
    options: words.data,
    pointer,
  };
  if (mount.source !== undefined && mount.source !== type) step.source = mount.source;
  if (words.propagation !== 0) step.propagation = words.propagation;
  if (type === "proc" || type === "sysfs") step.ordinary = true;
  if (coversProc(mount.destination)) step.belowProc = true;
  if (words.copyUp) step.copyUp = true;
  mapIds(step, mount, words);
  const shown = namespaces.user ? lookup(shownInstead, type) : undefined;
  if (shown !== undefined && !namespaces.fresh.has(shown.namespace)) step.instead = shown.path;
  steps.mounts.push(step);
  if (later) steps.finish.push({ op: "setAttributes", path: target, set: RDONLY, pointer });
}

/**
 * A user namespace may mount these only with a namespace of its own that they show. Without one the host's show the same: the
 * container shares that namespace with the host.
 */
const shownInstead: Readonly<Record<string, { readonly namespace: string; readonly path: string }>> = {
  mqueue: { namespace: "ipc", path: "/dev/mqueue" },
  proc: { namespace: "pid", path: "/proc" },
  sysfs: { namespace: "network", path: "/sys" },
};

/** A relative destination counts from the root, as in runtimes before version 1.0 of the specification. */
export function absolute(path: string): string {
  return path.startsWith("/") ? path : `/${path}`;
}

/** Files of /proc that engines may cover, by lxcfs or by a file of zeros. Anything else there would lie about the kernel. */
const coverable: readonly string[] = [
  "/proc/cpuinfo",
  "/proc/diskstats",
  "/proc/loadavg",
  "/proc/meminfo",
  "/proc/slabinfo",
  "/proc/stat",
  "/proc/swaps",
  "/proc/sys/crypto/fips_enabled",
  "/proc/sys/kernel/ns_last_pid",
  "/proc/uptime",
];

function coversProc(destination: string): boolean {
  return destination.startsWith("/proc/") && coverable.includes(destination);
}
