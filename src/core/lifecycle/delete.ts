import { TsrunError } from "../error.js";
import { type Container, directoryOf, findContainer } from "./container.js";
import { checkId } from "./id.js";
import { performOutside, planRemoval, runPoststop } from "./removal.js";
import type { Context, Verb } from "./verb.js";

/** Removes what is left of a container; with --force, the container itself first. */
export const remove: Verb = async (context) => {
  const [id = ""] = context.operands;
  const force = context.options.force === true;
  if (context.options.regex !== true) await removeContainer(context, id, force);
  else await (await import("./matching.js")).forEachMatching(context, (one) => removeContainer(context, one, force));
  return 0;
};

async function removeContainer(context: Context, id: string, force: boolean): Promise<void> {
  checkId(id);
  const container = findContainer(context.door, directoryOf(context, id));
  if (container === undefined) {
    await removeRemains(context, id, force);
    return;
  }
  if (!force && !removable(container))
    throw new TsrunError("state", `cannot delete container ${id} that is not stopped: ${container.status}`);
  await performOutside(context.door, planRemoval(container));
  await runPoststop(context.door, container.record);
}

/** The specification would refuse a created container; runc and crun kill it, and callers count on that. */
function removable({ status }: Container): boolean {
  return status === "stopped" || status === "created";
}

/**
 * A create that was killed between making the directory and writing the record leaves the directory without one: nothing else was
 * made by then. A directory with other files in it is another runtime's.
 */
async function removeRemains(context: Context, id: string, force: boolean): Promise<void> {
  if (!force) throw new TsrunError("not-found", "container does not exist");
  const directory = directoryOf(context, id);
  const names = context.door.listNames(directory);
  if (names.every((name) => name.startsWith(".state.json.")))
    await performOutside(context.door, [{ op: "removeTree", path: directory }]);
}
