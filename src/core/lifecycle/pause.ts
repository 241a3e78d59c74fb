import { TsrunError } from "../error.js";
import { needContainer } from "./container.js";
import { performOutside, planFreeze } from "./removal.js";
import type { Context, Verb } from "./verb.js";

/** Freezes every process of the container. */
export const pause: Verb = async (context) => {
  const { record, status } = containerOf(context);
  if (status !== "running" && status !== "created") throw new TsrunError("state", "container not running");
  await freeze(context, record, true);
  return 0;
};

export const resume: Verb = async (context) => {
  const { record, status } = containerOf(context);
  if (status !== "paused") throw new TsrunError("state", "container not paused");
  await freeze(context, record, false);
  return 0;
};

function containerOf(context: Context): ReturnType<typeof needContainer> {
  const [id = ""] = context.operands;
  return needContainer(context, id);
}

async function freeze({ door }: Context, record: Parameters<typeof planFreeze>[0], frozen: boolean): Promise<void> {
  const steps = planFreeze(record, frozen);
  if (steps.length === 0)
    throw new TsrunError("unsupported", "cannot pause: the container has no cgroup that can be frozen");
  await performOutside(door, steps, `unable to ${frozen ? "pause" : "resume"} container`);
}
