import { TsrunError } from "../error.js";
import type { OutsideOp } from "../generated/plan.js";
import type { CgroupPlace } from "./cgroup.js";
import { deviceDemands } from "./device-rules.js";
import { type Demand, demandsOf } from "./limits.js";
import type { Outside, Scene } from "./request.js";

/** linux.resources as writes to cgroup files. */
export interface PlannedResources {
  /** Before init is born: it starts under its limits. */
  readonly before: Outside;
  /** When init is ready: until then it may need one process more than the container may have. */
  readonly after: Outside;
  /** Controllers that a cgroup v2 must have. */
  readonly controllers: ReadonlySet<string>;
}

export function planResources({ config, request, places }: Scene): PlannedResources {
  if (request.cgroups === "disabled") return { before: [], after: [], controllers: new Set() };
  const resources = config.linux?.resources ?? {};
  const demands = [...demandsOf(resources), ...deviceDemands(resources.devices ?? [])];
  const before: OutsideOp[] = [];
  const after: OutsideOp[] = [];
  const controllers = new Set<string>();
  for (const demand of demands) {
    const place = placeFor(places, demand);
    controllers.add(demand.v2.controller);
    const writes = place.hierarchy.version === 1 ? demand.v1 : demand.v2;
    if (writes.rules !== undefined) {
      const { directory } = place;
      before.push({ op: "deviceProgram", directory, rules: writes.rules, pointer: demand.pointer });
      continue;
    }
    if (writes.files === undefined)
      throw new TsrunError(
        "unsupported",
        `config.json: ${demand.pointer}: not supported by tsrun on cgroup v${place.hierarchy.version}`,
        {
          pointer: demand.pointer,
        },
      );
    for (const write of writes.files)
      (demand.late === true ? after : before).push({
        op: "writeCgroup",
        directory: place.directory,
        ...write,
        pointer: demand.pointer,
      });
  }
  return { before, after, controllers };
}

/** The hierarchy that has the controller: v1 wherever it is mounted, else v2. */
function placeFor(places: readonly CgroupPlace[], { v1, v2, pointer }: Demand): CgroupPlace {
  const place =
    places.find(({ hierarchy }) => hierarchy.version === 1 && hierarchy.controllers.includes(v1.controller)) ??
    places.find(
      ({ hierarchy }) =>
        hierarchy.version === 2 && (v2.controller === "" || hierarchy.controllers.includes(v2.controller)),
    );
  if (place === undefined)
    throw new TsrunError("config", `config.json: ${pointer}: this host has no cgroup controller ${v1.controller}`, {
      pointer,
    });
  return place;
}
