// What the machine outside of the containers looks like: cgroups, mounts, processes.
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

export interface Hierarchy {
  readonly version: 1 | 2;
  /** Controllers, or the name after `name=`; of version 2: cgroup.controllers of its root. */
  readonly controllers: readonly string[];
  readonly mount: string;
}

/** Text of a small file, or undefined when it cannot be read (the process may have gone). */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

export function link(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

/** Mounted cgroup hierarchies, from mountinfo (proc(5)): the fields after " - " are type, source and super options. */
export function hierarchies(): Hierarchy[] {
  const found: Hierarchy[] = [];
  for (const line of mountLines()) {
    const [before = "", after = ""] = line.split(" - ");
    const mount = before.split(" ")[4] ?? "";
    const [type, , options = ""] = after.split(" ");
    if (type === "cgroup2") {
      const controllers = readText(join(mount, "cgroup.controllers"))?.trim().split(" ") ?? [];
      found.push({ version: 2, controllers, mount });
    } else if (type === "cgroup") {
      const words = options.split(",").filter((word) => !["rw", "ro", "none", "xattr"].includes(word));
      found.push({ version: 1, controllers: words.map((word) => word.replace(/^name=/, "")), mount });
    }
  }
  return found;
}

export function mountLines(file = "/proc/self/mountinfo"): string[] {
  return (readText(file) ?? "").split("\n").filter((line) => line !== "");
}

/** Mount points that lie in `directory`, innermost first. */
export function mountsBelow(directory: string): string[] {
  const points = mountLines().map((line) => line.split(" ")[4] ?? "");
  return points.filter((point) => point === directory || point.startsWith(`${directory}/`)).reverse();
}

export function withController(controller: string): Hierarchy | undefined {
  return hierarchies().find((each) => each.controllers.includes(controller));
}

/** Where a `cgroupsPath` is in every hierarchy: `a-b.slice:c:d` is systemd's /a.slice/a-b.slice/c-d.scope. */
export function placeOf(cgroupsPath: string): string {
  if (cgroupsPath.startsWith("/")) return cgroupsPath;
  const [slice = "", prefix, name] = cgroupsPath.split(":");
  const words = slice.replace(/\.slice$/, "").split("-");
  const slices = words.map((_, index) => `/${words.slice(0, index + 1).join("-")}.slice`).join("");
  return name === undefined ? slices : `${slices}/${prefix ?? ""}-${name}.scope`;
}

/** Directory of a cgroup in the hierarchy that has `controller`, else in version 2; undefined when neither is mounted. */
export function cgroupDirectory(controller: string, path: string): (Hierarchy & { directory: string }) | undefined {
  const hierarchy = withController(controller) ?? hierarchies().find(({ version }) => version === 2);
  return hierarchy === undefined ? undefined : { ...hierarchy, directory: join(hierarchy.mount, placeOf(path)) };
}

export function processes(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Processes that still have something to do with `token`: see `processesOf`; or a mount of theirs has it in its path. */
export function processesAbout(token: string): number[] {
  return processesWith(token, ["cmdline", "cgroup", "mountinfo"]);
}

/** Processes that `token` belongs to: it is in their arguments, their cgroup or their working directory. */
export function processesOf(token: string): number[] {
  return processesWith(token, ["cmdline", "cgroup"]);
}

function processesWith(token: string, files: readonly string[]): number[] {
  return processes().filter((pid) => {
    const folder = `/proc/${String(pid)}`;
    if (pid === process.pid || !isAlive(pid)) return false;
    return [...files.map((name) => readText(join(folder, name))), link(join(folder, "cwd"))].some((text) =>
      text?.includes(token),
    );
  });
}

/** A process that has ended but was not waited for (state Z) counts as gone. */
export function isAlive(pid: number): boolean {
  const stat = readText(`/proc/${String(pid)}/stat`);
  return stat !== undefined && !/\) [ZX] /.test(stat);
}

/** Value of a line of /proc/PID/status, for example `NSpid`. */
export function statusLine(text: string, key: string): string | undefined {
  const line = text.split("\n").find((each) => each.startsWith(`${key}:`));
  return line
    ?.slice(key.length + 1)
    .trim()
    .replace(/\s+/g, " ");
}

/** The namespace of a process, as the kernel names it: `net:[4026531840]`. */
export function namespaceOf(pid: number | "self", type: string): string | undefined {
  return link(`/proc/${String(pid)}/ns/${type}`);
}

export const exists = existsSync;

/** Waits until `condition` holds, looking every 10 ms; answers whether it did within `limit` ms. */
export async function eventually(condition: () => boolean, limit = 5000): Promise<boolean> {
  const end = Date.now() + limit;
  while (Date.now() < end) {
    if (condition()) return true;
    await pause(10);
  }
  return condition();
}

export async function pause(milliseconds: number): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
