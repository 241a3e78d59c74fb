import { situationOf } from "./bundle.js";
import { checkId } from "./id.js";
import { makeContainer } from "./make.js";
import type { Verb } from "./verb.js";

/** Makes the container up to the moment before its program is executed. */
export const create: Verb = async (context) => {
  const [id = ""] = context.operands;
  checkId(id);
  await makeContainer(context.door, await situationOf(context, { id, start: "later", foreground: false }));
  return 0;
};
