// What a runtime leaves on the machine: cgroups, mounts and state, seen from outside.
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const cgroupRoot = "/sys/fs/cgroup";

/** Mount points of all cgroup hierarchies that this process sees. */
export function cgroupMounts(): readonly string[] {
  return readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" "))
    .filter(([, , kind]) => kind === "cgroup" || kind === "cgroup2")
    .map(([, mount = ""]) => mount)
    .filter((mount) => mount.startsWith(cgroupRoot));
}

/** A cgroup in every hierarchy under which all containers of one test are put. */
export class CgroupParent {
  readonly path: string;
  private readonly directories: readonly string[];

  constructor(name: string) {
    this.path = `/${name}`;
    this.directories = cgroupMounts().map((mount) => join(mount, name));
    for (const directory of this.directories) {
      mkdirSync(directory, { recursive: true });
      // a version 1 cpuset is born without processors and memory, and takes no process until it has some
      for (const file of ["cpuset.cpus", "cpuset.mems"].map((name) => join(directory, name)))
        if (existsSync(file) && !existsSync(join(directory, "cgroup.controllers")))
          writeFileSync(file, readFileSync(file.replace(`/${name}/`, "/"), "utf8"));
    }
  }

  /** Every cgroup below the parent, deepest last. */
  children(): readonly string[] {
    return this.directories.flatMap((directory) => descend(directory, (path) => lstatSync(path).isDirectory()));
  }

  remove(): void {
    for (const directory of [...[...this.children()].reverse(), ...this.directories]) rmdirSync(directory);
  }
}

function descend(directory: string, wanted: (path: string) => boolean): string[] {
  return readdirSync(directory)
    .map((name) => join(directory, name))
    .filter(wanted)
    .flatMap((path) => [path, ...(lstatSync(path).isDirectory() ? descend(path, wanted) : [])]);
}

/** Everything below the state root, as paths. */
export function stateOf(root: string): readonly string[] {
  return existsSync(root) ? descend(root, () => true) : [];
}

/** Mount points of this mount namespace, with the identity of each mount. */
export function mounts(): readonly string[] {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split(" "))
    .map(([id = "", , , , point = ""]) => `${id} ${point}`);
}

export interface Inventory {
  readonly cgroups: readonly string[];
  readonly mounts: readonly string[];
  readonly state: readonly string[];
}

export function takeInventory(parent: CgroupParent, root: string): Inventory {
  return { cgroups: parent.children(), mounts: mounts(), state: stateOf(root) };
}

/** What `now` has that `before` had not, one line each. */
export function remains(before: Inventory, now: Inventory): readonly string[] {
  return (["cgroups", "mounts", "state"] as const).flatMap((kind) =>
    now[kind].filter((entry) => !before[kind].includes(entry)).map((entry) => `${kind}: ${entry}`),
  );
}
