import { planCreate } from "../plan/create.js";
import { describe } from "../plan/describe.js";
import type { Inside, Outside } from "../plan/request.js";
import { situationOf } from "./bundle.js";
import { checkId } from "./id.js";
import type { Verb } from "./verb.js";

/** Prints every step that create would take, and takes none. */
export const plan: Verb = (context) => {
  const [id = "container"] = context.operands;
  checkId(id);
  // a container with a terminal is planned as in the foreground, where no console socket is needed
  const foreground = context.options["console-socket"] === undefined;
  const planned = planCreate(situationOf(context, { id, start: "later", foreground }));
  const { door, options } = context;
  if (options.json === true) door.print(1, `${JSON.stringify(planned, null, 2)}\n`);
  else
    door.print(
      1,
      `${section("outside, by the runtime", planned.outside)}\n${section("inside, by init", planned.inside)}`,
    );
  return 0;
};

function section(title: string, steps: Outside | Inside): string {
  const width = String(steps.length - 1).length;
  const lines = steps.map((step, index) => {
    const pointer = step.pointer === undefined ? "" : `  (${step.pointer})`;
    return `${String(index).padStart(width + 2)}  ${describe(step)}${pointer}\n`;
  });
  return `${title}:\n${lines.join("")}`;
}
