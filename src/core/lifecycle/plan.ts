import { planCreate } from "../plan/create.js";
import { situationOf } from "./bundle.js";
import { checkId } from "./id.js";
import type { Verb } from "./verb.js";

/** Prints every step that create would take, and takes none. */
export const plan: Verb = async (context) => {
  const [id = "container"] = context.operands;
  checkId(id);
  // a container with a terminal is planned as in the foreground, where no console socket is needed
  const foreground = context.options["console-socket"] === undefined;
  const planned = planCreate(await situationOf(context, { id, start: "later", foreground }));
  const { door, options } = context;
  if (options.json === true) door.print(1, `${JSON.stringify(planned, null, 2)}\n`);
  else door.print(1, (await import("../plan/describe.js")).listing(planned));
  return 0;
};
