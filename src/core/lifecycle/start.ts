import { TsrunError } from "../error.js";
import type { Outcome } from "../door.js";
import type { Plan } from "../generated/plan.js";
import { hookSteps } from "../plan/hooks.js";
import type { Record } from "../plan/record.js";
import { describeErrno } from "../tables/errno.js";
import { type Container, needContainer, socketOf } from "./container.js";
import { performOutside, planRemoval, runPoststop } from "./removal.js";
import type { Context, Verb } from "./verb.js";

type Failure = Extract<Outcome, { done: false }>;

/** Has init execute the container's program. */
export const start: Verb = async (context) => {
  const [id = ""] = context.operands;
  const container = needContainer(context, id);
  if (container.status !== "created") throw cannotStart(container.status);
  const plan: Plan = { version: 1, outside: [{ op: "start", path: socketOf(container.directory) }], inside: [] };
  const outcome = context.door.perform(plan);
  // between the look at its state and the call another start may have been quicker, or init may have died
  if (!outcome.done && outcome.half === "outside") throw cannotStart(needContainer(context, id).status);
  if (!outcome.done) throw await failure(container, outcome, context);
  await runPoststart(container, context);
  return 0;
};

/** After the call init runs the startContainer hooks, if there are any, and then the program. */
async function failure({ record }: Container, { step, errno, detail }: Failure, context: Context): Promise<TsrunError> {
  const [name, words] = describeErrno(errno) ?? [`errno ${errno}`, `error ${errno}`];
  const hook = record.hooks.startContainer[step];
  if (hook === undefined) {
    const program = JSON.stringify(record.program);
    const message = `unable to start container process: exec ${program}: ${words}`;
    return new TsrunError("kernel", message, { op: "execute", errno: name });
  }
  const { hookFailure } = await import("../plan/sentence.js");
  const pointer = `/hooks/startContainer/${step}`;
  await destroy(context, record);
  return new TsrunError("config", hookFailure(pointer, hook, name, detail), { op: "hook", pointer, errno: name });
}

/** A hook that fails from start on takes the container with it (runtime.md, "Lifecycle"). */
async function destroy(context: Context, record: Record): Promise<void> {
  await performOutside(context.door, planRemoval(needContainer(context, record.id)));
  await runPoststop(context.door, record);
}

function cannotStart(status: string): TsrunError {
  const words: Readonly<{ [status: string]: string }> = {
    stopped: "cannot start a container that has stopped",
    creating: "cannot start a container that is being created",
    paused: "cannot start a paused container",
  };
  return new TsrunError("state", words[status] ?? "cannot start an already running container");
}

async function runPoststart({ record }: Container, context: Context): Promise<void> {
  const steps = hookSteps(record.hooks.poststart, "poststart", "running", record);
  if (steps.length === 0) return;
  try {
    await performOutside(context.door, steps);
  } catch (error) {
    await destroy(context, record);
    throw error;
  }
}
