import { sceneOf } from "../plan/create.js";
import { processOf } from "../plan/process.js";
import { recordOf } from "../plan/record.js";
import { situationOf } from "./bundle.js";
import { checkId } from "./id.js";
import { makeContainer } from "./make.js";
import { performOutside, planRemoval, runPoststop } from "./removal.js";
import type { Verb } from "./verb.js";

/** create and start in one; in the foreground also wait and delete. Answers the program's exit status. */
export const run: Verb = async (context) => {
  const { door, options } = context;
  const [id = ""] = context.operands;
  checkId(id);
  const foreground = options.detach !== true;
  if (foreground && options["no-subreaper"] !== true) door.becomeSubreaper();
  const situation = await situationOf(context, { id, start: "now", foreground });
  const init = await makeContainer(door, situation);
  if (!foreground) return 0;
  // what follows its end is made while it runs
  const record = { ...recordOf(sceneOf(situation)), ...init };
  const { directory } = situation.request;
  const removal = planRemoval({ record, directory, status: "stopped", process: undefined });
  const status = door.wait({ pid: init.pid, terminal: processOf(situation).terminal === true });
  if (options.keep === true) {
    const kept = { ...record, exitStatus: status };
    await performOutside(door, [{ op: "record", path: `${directory}/state.json`, mode: 0o600, record: kept }]);
    return status;
  }
  // as it was written down; somebody else may have deleted it by now, which removal does not mind
  await performOutside(door, removal);
  await runPoststop(door, record);
  return status;
};
