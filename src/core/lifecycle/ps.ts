import type { Door } from "../door.js";
import { TsrunError } from "../error.js";
import { needContainer } from "./container.js";
import { freezerOf } from "./removal.js";
import type { Verb } from "./verb.js";

/**
 * The processes of a container by their pids outside: as JSON, or as lines of the host's ps(1). It runs outside of the container: nothing of
 * the container's own is executed.
 */
export const ps: Verb = (context) => {
  const [id = "", ...options] = context.operands;
  const { record } = needContainer(context, id);
  const cgroup = freezerOf(record) ?? record.cgroups[0];
  if (cgroup === undefined)
    throw new TsrunError("unsupported", "cannot list processes: the container has no cgroup of its own");
  const { door } = context;
  const pids = door.members(cgroup.directory);
  door.print(1, context.options.format === "json" ? `${JSON.stringify(pids)}\n` : table(door, options, pids));
  return 0;
};

/** ps names its columns in the first line; which options it was given is the caller's affair, as long as one of them is PID. */
function table(door: Door, options: readonly string[], pids: readonly number[]): string {
  const { status, stdout, stderr } = door.output(["ps", ...(options.length === 0 ? ["-ef"] : options)]);
  // ps answers 1 when it finds nothing
  if (status !== 0 && stdout === "")
    throw new TsrunError("usage", `ps: ${stderr.trim().split("\n")[0] ?? `exit status ${status}`}`);
  const [heading = "", ...lines] = stdout.split("\n");
  const column = words(heading).indexOf("PID");
  if (column < 0) throw new TsrunError("usage", "cannot find the column PID in the output of ps");
  const wanted = new Set(pids.map(String));
  return [heading, ...lines.filter((line) => wanted.has(words(line)[column] ?? ""))]
    .map((line) => `${line}\n`)
    .join("");
}

function words(line: string): readonly string[] {
  return line.split(" ").filter((word) => word !== "");
}
