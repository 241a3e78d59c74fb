import { needContainer, stateOf } from "./container.js";
import type { Verb } from "./verb.js";

/** Prints the state of a container as JSON; of one that has ended with its exit status, where that is known. */
export const state: Verb = async (context) => {
  const [id = ""] = context.operands;
  const container = needContainer(context, id);
  const printed = { ...stateOf(container), ...(container.status === "stopped" ? await ending() : {}) };
  context.door.print(1, `${JSON.stringify(printed, null, 2)}\n`);
  return 0;

  async function ending(): Promise<{ readonly exitStatus?: number }> {
    const { exitStatusOf } = await import("./wait.js");
    const exitStatus = exitStatusOf(context.door, container.record, container.directory, false);
    return exitStatus === undefined ? {} : { exitStatus };
  }
};
