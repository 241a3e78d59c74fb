import type { Door } from "../door.js";
import { TsrunError } from "../error.js";
import type { OutsideOp, Plan } from "../generated/plan.js";
import { hookSteps } from "../plan/hooks.js";
import { pinOf, type Record } from "../plan/record.js";
import type { Container } from "./container.js";

/** How long a killed process may take to end, in milliseconds. */
const PATIENCE = 10_000;
const SIGKILL = 9;
const ESRCH = 3;

/** Performs steps outside of any container; fails with the sentence of the step that failed. */
export async function performOutside(door: Door, outside: readonly OutsideOp[], beginning?: string): Promise<void> {
  const plan: Plan = { version: 1, outside: [...outside], inside: [] };
  const outcome = door.perform(plan);
  if (outcome.done) return;
  const signal = outcome.half === "outside" && outside[outcome.step]?.op === "signal";
  // it has ended by itself since it was looked at
  if (signal && outcome.errno === ESRCH) return performOutside(door, outside.slice(outcome.step + 1), beginning);
  const { explain } = await import("../plan/sentence.js");
  throw explain(plan, outcome, beginning);
}

/** Kills what still lives and removes all that create made. */
export function planRemoval({ record, directory, status, process }: Container): readonly OutsideOp[] {
  const kill: readonly OutsideOp[] =
    process === undefined
      ? []
      : [
          { op: "signal", ...process, signal: SIGKILL },
          ...(status === "paused" ? planFreeze(record, false) : []),
          { op: "waitGone", ...process, timeout: PATIENCE, ...thawing(record) },
        ];
  // a record without pid is from a create that was cut short: whatever is in its cgroups is dying by itself, or not ours
  const members = record.pid === undefined || record.ownPidNamespace ? [] : killMembers(record, SIGKILL);
  return [...kill, ...members, ...planDirectories(record, directory)];
}

export function planDirectories(record: Record, directory: string): readonly OutsideOp[] {
  return [
    ...(record.systemd === undefined ? [] : [{ op: "stopUnit", ...record.systemd } as const]),
    ...record.cgroups.map(({ directory: cgroup }): OutsideOp => ({ op: "removeCgroup", directory: cgroup })),
    ...(record.pinned
      ? ([
          { op: "unpinExit", path: pinOf(directory) },
          { op: "removeFile", path: pinOf(directory) },
        ] as const)
      : []),
    // the record goes last: until then delete can be called again
    { op: "removeFile", path: `${directory}/start.sock` },
    { op: "removeFile", path: `${directory}/config.json` },
    { op: "removeTree", path: directory },
  ];
}

/** Through one hierarchy: all have the same members. The freezer's, if there is one, for it can make a fork bomb stand still. */
export function killMembers(record: Record, signal: number): readonly OutsideOp[] {
  const cgroup = freezerOf(record) ?? record.cgroups[0];
  return cgroup === undefined
    ? []
    : [{ op: "killCgroup", directory: cgroup.directory, version: cgroup.version, signal }];
}

/** The cgroup by which the container is paused. */
export function freezerOf({ cgroups, freezer }: Record): Record["cgroups"][number] | undefined {
  return cgroups.find(({ directory }) => freezer.startsWith(`${directory}/`));
}

export function planFreeze(record: Record, frozen: boolean): readonly OutsideOp[] {
  const cgroup = freezerOf(record);
  return cgroup === undefined ? [] : [{ op: "freeze", directory: cgroup.directory, version: cgroup.version, frozen }];
}

/** On cgroup v1 what is frozen does not die, and a container may have frozen cgroups of its own making. */
function thawing(record: Record): { readonly thaw?: string } {
  const cgroup = freezerOf(record);
  return cgroup?.version === 1 ? { thaw: cgroup.directory } : {};
}

/** poststop hooks: a failure is a warning, and the others run all the same (runtime.md, "Lifecycle"). */
export async function runPoststop(door: Door, record: Record): Promise<void> {
  const state = { ...record, pid: 0 };
  for (const hook of hookSteps(record.hooks.poststop, "poststop", "stopped", state)) {
    try {
      await performOutside(door, [hook]);
    } catch (error) {
      if (!(error instanceof TsrunError)) throw error;
      // not to the log: its records are failures of the call
      door.print(2, `warning: ${error.message}\n`);
    }
  }
}
