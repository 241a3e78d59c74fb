import { processOf } from "../plan/process.js";
import { situationOf } from "./bundle.js";
import { directoryOf, findContainer } from "./container.js";
import { checkId } from "./id.js";
import { makeContainer } from "./make.js";
import { performOutside, planRemoval, runPoststop } from "./removal.js";
import type { Verb } from "./verb.js";

/** create and start in one; in the foreground also wait and delete. Answers the program's exit status. */
export const run: Verb = (context) => {
  const { door, options } = context;
  const [id = ""] = context.operands;
  checkId(id);
  const foreground = options.detach !== true;
  if (foreground && options["no-subreaper"] !== true) door.becomeSubreaper();
  const situation = situationOf(context, { id, start: "now", foreground });
  const init = makeContainer(door, situation);
  if (!foreground) return 0;
  const status = door.wait({ pid: init.pid, terminal: processOf(situation).terminal === true });
  const container = options.keep === true ? undefined : findContainer(door, directoryOf(context, id));
  if (container !== undefined) {
    performOutside(door, planRemoval(container));
    runPoststop(door, container.record);
  }
  return status;
};
