import type { Door } from "../door.js";
import { TsrunError } from "../error.js";
import { pinOf, type Record } from "../plan/record.js";
import { needContainer } from "./container.js";
import type { Verb } from "./verb.js";

/** Waits until the container has ended and prints its exit status; also after the fact. */
export const wait: Verb = (context) => {
  const [id = ""] = context.operands;
  const { record, directory, status } = needContainer(context, id);
  if (status === "creating") throw new TsrunError("state", "cannot wait for a container that is being created");
  const exit = exitStatusOf(context.door, record, directory, true);
  if (exit === undefined)
    throw new TsrunError(
      "state",
      "exit status is not known: the process was reaped, and this kernel keeps no record of it",
    );
  context.door.print(1, `${exit}\n`);
  return 0;
};

/** What was written down by a foreground run, or what the kernel still knows. */
export function exitStatusOf(door: Door, record: Record, directory: string, wait: boolean): number | undefined {
  const { exitStatus, pid, startTime } = record;
  if (exitStatus !== undefined || pid === undefined || startTime === undefined) return exitStatus;
  return door.exitStatus({ pid, startTime }, pinOf(directory), wait);
}
