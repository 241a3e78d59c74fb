import { TsrunError } from "../error.js";
import type { Plan } from "../generated/plan.js";
import { hookSteps } from "../plan/hooks.js";
import { describeErrno } from "../tables/errno.js";
import { type Container, needContainer, socketOf } from "./container.js";
import { performOutside, planRemoval, runPoststop } from "./removal.js";
import type { Verb } from "./verb.js";

/** Has init execute the container's program. */
export const start: Verb = async (context) => {
  const [id = ""] = context.operands;
  const container = needContainer(context, id);
  if (container.status !== "created") throw cannotStart(container.status);
  const plan: Plan = { version: 1, outside: [{ op: "start", path: socketOf(container.directory) }], inside: [] };
  const outcome = context.door.perform(plan);
  // between the look at its state and the call another start may have been quicker, or init may have died
  if (!outcome.done && outcome.half === "outside") throw cannotStart(needContainer(context, id).status);
  if (!outcome.done) {
    const [errno, words] = describeErrno(outcome.errno) ?? ["", `error ${outcome.errno}`];
    const program = JSON.stringify(container.record.program);
    throw new TsrunError("kernel", `unable to start container process: exec ${program}: ${words}`, {
      op: "execute",
      errno,
    });
  }
  await runPoststart(container, context);
  return 0;
};

function cannotStart(status: string): TsrunError {
  const words: Readonly<{ [status: string]: string }> = {
    stopped: "cannot start a container that has stopped",
    creating: "cannot start a container that is being created",
    paused: "cannot start a paused container",
  };
  return new TsrunError("state", words[status] ?? "cannot start an already running container");
}

/** A poststart hook that fails takes the container with it (runtime.md, "Lifecycle", since version 1.3). */
async function runPoststart({ record }: Container, context: Parameters<Verb>[0]): Promise<void> {
  const steps = hookSteps(record.hooks.poststart, "poststart", "running", record);
  if (steps.length === 0) return;
  try {
    await performOutside(context.door, steps);
  } catch (error) {
    await performOutside(context.door, planRemoval(needContainer(context, record.id)));
    runPoststop(context.door, record);
    throw error;
  }
}
