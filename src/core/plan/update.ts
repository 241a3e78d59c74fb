import type { CgroupHierarchy } from "../door.js";
import { TsrunError } from "../error.js";
import type { Resources } from "../generated/config.js";
import type { OutsideOp } from "../generated/plan.js";
import type { CgroupPlace } from "./cgroup.js";
import { deviceChanges, sameRules } from "./device-changes.js";
import { deviceDemands } from "./device-rules.js";
import { type Demand, demandsOf, type Wanted } from "./limits.js";
import type { Record } from "./record.js";
import { judge, stepsOf } from "./resources.js";

/** What an update looks at. */
export interface UpdateSituation {
  readonly record: Record;
  readonly hierarchies: readonly CgroupHierarchy[];
  readonly stored: Resources;
  readonly asked: Resources;
  readonly merged: Resources;
}

export interface Update {
  readonly writes: readonly Extract<OutsideOp, { op: "writeCgroup" }>[];
  /** On cgroup v2: the program that decides about devices, and the one that did before. */
  readonly program: readonly OutsideOp[];
  readonly programBefore: readonly OutsideOp[];
  readonly ignored: readonly string[];
  /** Each a sentence with its pointer. */
  readonly refused: readonly TsrunError[];
  /** Nobody of the container may run meanwhile. */
  readonly standstill: boolean;
}

export function planUpdate(situation: UpdateSituation): Update {
  const { asked, merged, stored } = situation;
  const places = placesOfRecord(situation);
  const demands = demandsOfUpdate({ given: asked, standing: merged, fresh: false });
  const { devices, standstill } = deviceUpdate(stored, asked);
  const verdicts = [...demands, ...devices].map((demand) => judge(places, demand));
  const steps = verdicts.flatMap(stepsOf);
  const isProgram = ({ op }: OutsideOp): boolean => op === "deviceProgram";
  const before = devices.length === 0 ? [] : deviceDemands(stored.devices ?? []).map((demand) => judge(places, demand));
  return {
    writes: steps.flatMap((step) => (step.op === "writeCgroup" ? [step] : [])),
    program: steps.filter(isProgram),
    programBefore: before.flatMap(stepsOf).filter(isProgram),
    ignored: verdicts.flatMap(({ ignored }) => (ignored === undefined ? [] : [ignored])),
    refused: verdicts.flatMap(({ refused }) => (refused === undefined ? [] : [ofUpdate(refused)])),
    standstill: standstill && !steps.some(isProgram),
  };
}

function demandsOfUpdate(wanted: Wanted): readonly Demand[] {
  try {
    return demandsOf(wanted);
  } catch (error) {
    throw error instanceof TsrunError ? ofUpdate(error) : error;
  }
}

/** The container's cgroups, with what the host says of their hierarchies. */
export function placesOfRecord({
  record,
  hierarchies,
}: Pick<UpdateSituation, "record" | "hierarchies">): readonly CgroupPlace[] {
  return hierarchies.flatMap((hierarchy) => {
    const found = record.cgroups.find(({ directory }) => directory.startsWith(`${hierarchy.mount}/`));
    if (found === undefined) return [];
    return [{ hierarchy, directory: found.directory, path: found.directory.slice(hierarchy.mount.length) }];
  });
}

/**
 * Engines send the list that the container was made with along with every change of a limit. That is no request: hooks may have allowed
 * devices since.
 */
function deviceUpdate(
  { devices: stored = [] }: Resources,
  { devices }: Resources,
): { readonly devices: readonly Demand[]; readonly standstill: boolean } {
  if (devices === undefined || sameRules(stored, devices)) return { devices: [], standstill: false };
  const { writes, standstill } = deviceChanges(stored, devices);
  const changed = (demand: Demand): Demand => ({ ...demand, v1: { ...demand.v1, files: writes } });
  return { devices: deviceDemands(devices).map(changed), standstill };
}

/** The value is not one of config.json's. */
function ofUpdate({ code, message, pointer }: TsrunError): TsrunError {
  return new TsrunError(code, message.replace("config.json: ", "unable to update container: "), { pointer });
}
