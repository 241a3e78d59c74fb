import type { Door, Outcome, ProcessId } from "../door.js";
import { TsrunError } from "../error.js";
import type { OutsideOp, Plan } from "../generated/plan.js";
import { joinActs, planActs } from "../plan/create.js";
import type { Record } from "../plan/record.js";
import type { Situation } from "../plan/request.js";
import { runPoststop } from "./removal.js";

/** Performs the plan of create or run, in its acts. After a failure nothing of the container is left. */
export async function makeContainer(door: Door, situation: Situation): Promise<ProcessId> {
  const { first, second, ignored } = planActs(situation);
  let outcome = door.perform(first, second !== undefined);
  if (outcome.done && second !== undefined) outcome = door.perform(second());
  if (outcome.done && outcome.init !== undefined) {
    warn(door, ignored);
    return outcome.init;
  }
  if (outcome.done) throw new TsrunError("internal", "the plan was performed, but no init is there");
  const plan = second === undefined ? first : joinActs(first, second());
  await undo(door, plan, outcome);
  // words are loaded only when something has failed
  const { explain } = await import("../plan/sentence.js");
  throw explain(plan, outcome);
}

/** Never in the log: callers read the failure there, and nothing else. */
export function warn(door: Door, sentences: readonly string[]): void {
  for (const sentence of sentences) door.print(2, `warning: ${sentence}\n`);
}

/** The door has killed init. Undone is only what this very call has done: a cgroup or an id of somebody else stays. */
async function undo(door: Door, plan: Plan, failure: Extract<Outcome, { done: false }>): Promise<void> {
  const spawn = plan.outside.findIndex(({ op }) => op === "spawn");
  const reached = failure.half === "outside" ? failure.step : Math.max(spawn, 0);
  const done = failure.half === "outside" ? plan.outside.slice(0, reached) : plan.outside;
  const steps: OutsideOp[] = [];
  for (const step of done) {
    if (step.op === "makeCgroup") steps.push({ op: "removeCgroup", directory: `${step.mount}${step.path}` });
    if (step.op === "startUnit") steps.unshift({ op: "stopUnit", bus: step.bus, unit: step.unit });
    if (step.op === "makeDirectory" && step.exclusive) steps.push({ op: "removeTree", path: step.path });
    if (step.op === "pinExit") steps.push({ op: "unpinExit", path: step.path });
    if (step.op === "writePid") steps.push({ op: "removeFile", path: step.path });
  }
  // the directory with the record goes last
  steps.sort((a, b) => Number(a.op === "removeTree") - Number(b.op === "removeTree"));
  for (const step of steps) door.perform({ version: 1, outside: [step], inside: [] });
  const record = plan.outside.find((step) => step.op === "record");
  const spawned = failure.half === "inside" || failure.step > spawn;
  if (record !== undefined && spawned) await runPoststop(door, record.record as unknown as Record);
}
