import { TsrunError } from "../error.js";
import type { OutsideOp } from "../generated/plan.js";
import type { CgroupPlace } from "./cgroup.js";
import { deviceDemands } from "./device-rules.js";
import { type Demand, demandsOf, type FileWrite } from "./limits.js";
import { withoutPermission } from "./record.js";
import type { Outside, Scene } from "./request.js";

/** linux.resources as writes to cgroup files. */
export interface PlannedResources {
  /** Before init is born: it starts under its limits. */
  readonly before: Outside;
  /** When init is ready: until then it may need one process more than the container may have. */
  readonly after: Outside;
  /** Controllers that a cgroup v2 must have. */
  readonly controllers: ReadonlySet<string>;
  /** Sentences about values that have no effect here, and need none. */
  readonly ignored: readonly string[];
}

/** What becomes of a demand on this host: writes, or the reason why there are none. */
export interface Verdict {
  readonly demand: Demand;
  readonly place?: CgroupPlace;
  readonly writes: readonly FileWrite[];
  /** Rules for a program of the kernel, in place of writes. */
  readonly rules?: string[];
  readonly ignored?: string;
  readonly refused?: TsrunError;
}

export function planResources(scene: Scene): PlannedResources {
  const before: OutsideOp[] = [];
  const after: OutsideOp[] = [];
  const controllers = new Set<string>();
  const ignored: string[] = [];
  for (const verdict of verdictsOf(scene)) {
    const { demand, refused } = verdict;
    if (refused !== undefined) throw refused;
    if (verdict.ignored !== undefined) ignored.push(verdict.ignored);
    if (verdict.writes.length > 0) controllers.add(demand.v2.controller);
    (demand.late === true ? after : before).push(...stepsOf(verdict));
  }
  return { before, after, controllers, ignored };
}

export function verdictsOf({ config, request, places }: Scene): readonly Verdict[] {
  if (request.cgroups === "disabled") return [];
  const resources = config.linux?.resources ?? {};
  const wanted = { given: resources, standing: resources, fresh: true };
  const rootless = request.rootless !== undefined;
  // rules for devices are for root of the machine; nobody else can make a device that opens anything
  const devices = rootless ? [] : deviceDemands(resources.devices ?? []);
  return [...demandsOf(wanted), ...devices].map((demand) => judge(places, demand, rootless));
}

export function judge(places: readonly CgroupPlace[], demand: Demand, rootless = false): Verdict {
  const { pointer, v1, v2 } = demand;
  const place = placeFor(places, demand);
  const refuse = (code: "config" | "unsupported", words: string): Verdict => ({
    demand,
    writes: [],
    refused: new TsrunError(code, `config.json: ${pointer}: ${words}`, { pointer }),
  });
  if (place === undefined && rootless)
    return {
      demand,
      writes: [],
      refused: new TsrunError("config", `${withoutPermission} (${pointer})`, { pointer }),
    };
  if (place === undefined)
    return refuse("config", `this host has no cgroup controller ${v1.controller || v2.controller}`);
  const { version } = place.hierarchy;
  const { files, rules, ignored } = version === 1 ? v1 : v2;
  if (rules !== undefined) return { demand, place, writes: [], rules };
  if (files === undefined) return refuse("unsupported", `cannot be applied on cgroup v${version}`);
  return {
    demand,
    place,
    writes: files,
    ...(ignored === undefined ? {} : { ignored: `${pointer}: ignored: ${ignored}` }),
  };
}

export function stepsOf({ demand: { pointer }, place, writes, rules }: Verdict): readonly OutsideOp[] {
  const directory = place?.directory ?? "";
  if (rules !== undefined) return [{ op: "deviceProgram", directory, rules, pointer }];
  return writes.map((write) => ({ op: "writeCgroup", directory, ...write, pointer }));
}

/** The hierarchy that has the controller: v1 wherever it is mounted, else v2. */
function placeFor(places: readonly CgroupPlace[], { v1, v2 }: Demand): CgroupPlace | undefined {
  return (
    places.find(({ hierarchy }) => hierarchy.version === 1 && hierarchy.controllers.includes(v1.controller)) ??
    places.find(
      ({ hierarchy }) =>
        hierarchy.version === 2 && (v2.controller === "" || hierarchy.controllers.includes(v2.controller)),
    )
  );
}
