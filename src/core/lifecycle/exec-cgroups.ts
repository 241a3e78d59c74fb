import type { CgroupHierarchy, Door } from "../door.js";
import { TsrunError } from "../error.js";
import type { Record } from "../plan/record.js";

type Cgroups = Record["cgroups"];

/** --cgroup PATH, in all hierarchies, or CONTROLLER[,CONTROLLER…]:PATH; below the container's own cgroups, and existing. */
export function subCgroups(door: Door, own: Cgroups, asked: readonly string[]): Cgroups {
  return asked.reduce((cgroups, argument) => {
    const [first = "", second, ...rest] = argument.split(":");
    if (rest.length > 0) throw wrong(`invalid --cgroup argument: ${argument}`);
    const path = pathBelow(second ?? first);
    if (second !== undefined) return within(door.facts().cgroup.hierarchies, own, cgroups, first.split(","), path);
    if (asked.length > 1) throw wrong(`invalid --cgroup argument: ${argument} (missing <controller>: prefix)`);
    return cgroups.map(({ directory, version }) => ({ directory: `${directory}${path}`, version }));
  }, own);
}

/** By its spelling: `/` for every level, nothing for the container's own cgroup. */
function pathBelow(path: string): string {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (path === "" || parts.includes("..")) throw wrong(`bad sub cgroup path: ${path}`);
  return parts.map((part) => `/${part}`).join("");
}

function within(
  hierarchies: readonly CgroupHierarchy[],
  own: Cgroups,
  cgroups: Cgroups,
  controllers: readonly string[],
  path: string,
): Cgroups {
  const mounts = controllers.map((name) => {
    const found = hierarchies.find((one) => one.version === 1 && one.controllers.includes(name));
    const mount = found?.mount;
    if (mount === undefined || !cgroups.some(({ directory }) => isBelow(directory, mount)))
      throw wrong(`unknown controller ${name}`);
    return mount;
  });
  return own.map((cgroup, index) => {
    const { directory, version } = cgroup;
    const chosen = mounts.some((mount) => isBelow(directory, mount));
    return chosen ? { directory: `${directory}${path}`, version } : (cgroups[index] ?? cgroup);
  });
}

function isBelow(directory: string, mount: string): boolean {
  return directory === mount || directory.startsWith(`${mount}/`);
}

function wrong(sentence: string): TsrunError {
  return new TsrunError("usage", sentence, { op: "command line" });
}
