import type { CgroupHierarchy } from "../door.js";
import { TsrunError } from "../error.js";
import type { OutsideOp } from "../generated/plan.js";
import type { Inside, Scene, Situation } from "./request.js";

/** The container's cgroup in one hierarchy. */
export interface CgroupPlace {
  readonly hierarchy: CgroupHierarchy;
  /** Path below the mount of the hierarchy, from / on. */
  readonly path: string;
  /** The directory in the file system. */
  readonly directory: string;
}

/** Where the container goes: the same path in every hierarchy that is mounted (config-linux.md, "Cgroups Path"). */
export function placesOf({ config, facts, request, unit }: Situation): readonly CgroupPlace[] {
  if (request.cgroups === "disabled") return [];
  if (unit !== undefined)
    return facts.cgroup.hierarchies.map((hierarchy) => {
      const { path } = unit;
      return { hierarchy, path, directory: `${hierarchy.mount}${path}` };
    });
  const wanted = config.linux?.cgroupsPath ?? "";
  const clean = cleanPath(wanted === "" ? request.id : wanted);
  // whoever may make no cgroups does without, unless some are asked for
  const without = request.rootless !== undefined && wanted === "";
  const hierarchies = facts.cgroup.hierarchies.filter(({ closed }) => !(without && closed === true));
  return hierarchies.map((hierarchy) => {
    const path = wanted.startsWith("/") ? clean : `${basis(hierarchy)}${clean}`;
    return { hierarchy, path, directory: `${hierarchy.mount}${path}` };
  });
}

/** A relative path starts at the caller's own cgroup; on v2 beside it, for a cgroup with processes may have no children there. */
function basis({ version, own, root }: CgroupHierarchy): string {
  const visible = root !== "/" && own.startsWith(root) ? own.slice(root.length) : own;
  if (version === 2) return visible.slice(0, visible.lastIndexOf("/"));
  return visible === "/" ? "" : visible;
}

function cleanPath(path: string): string {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..") || parts.length === 0)
    throw new TsrunError("config", `config.json: /linux/cgroupsPath: expected a path below the root, found "${path}"`, {
      pointer: "/linux/cgroupsPath",
    });
  return `/${parts.join("/")}`;
}

/** With systemd, only those of hierarchies that it leaves alone. */
export function makeCgroups({ config, places: all, unit }: Scene, wanted: ReadonlySet<string>): readonly OutsideOp[] {
  const places = unit === undefined ? all : all.filter(({ hierarchy }) => !isSystemds(hierarchy));
  const unified = places.every(({ hierarchy }) => hierarchy.version === 2);
  const pointer = config.linux?.cgroupsPath === undefined ? {} : { pointer: "/linux/cgroupsPath" };
  return places.map(({ hierarchy, path }): OutsideOp => {
    const { mount, version, controllers } = hierarchy;
    const step = { op: "makeCgroup", mount, path, ...pointer } as const;
    if (version === 2) return { ...step, controllers: controllers.filter((name) => unified || wanted.has(name)) };
    return controllers.includes("cpuset") ? { ...step, cpuset: true } : step;
  });
}

function isSystemds({ version, controllers }: CgroupHierarchy): boolean {
  return version === 2 || controllers.includes("name=systemd");
}

/**
 * v1: init writes itself to `tasks`, which takes none of the locks that moving another process takes. v2: it is born there.
 */
export function joinCgroups(places: readonly CgroupPlace[]): Inside {
  return places
    .filter(({ hierarchy }) => hierarchy.version === 1)
    .map(({ directory }) => ({ op: "joinCgroup", path: `${directory}/tasks` }));
}

export function birthplace(places: readonly CgroupPlace[]): string {
  return places.find(({ hierarchy }) => hierarchy.version === 2)?.directory ?? "";
}

/** The file that tells whether the container is paused. */
export function freezerFile(places: readonly CgroupPlace[]): string {
  const v1 = places.find(({ hierarchy }) => hierarchy.version === 1 && hierarchy.controllers.includes("freezer"));
  if (v1 !== undefined) return `${v1.directory}/freezer.state`;
  const v2 = birthplace(places);
  return v2 === "" ? "" : `${v2}/cgroup.freeze`;
}
