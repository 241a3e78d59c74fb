import { needContainer, stateOf } from "./container.js";
import type { Verb } from "./verb.js";

/** Prints the state of a container as JSON. */
export const state: Verb = (context) => {
  const [id = ""] = context.operands;
  context.door.print(1, `${JSON.stringify(stateOf(needContainer(context, id)), null, 2)}\n`);
  return 0;
};
