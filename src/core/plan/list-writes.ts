import type { Door } from "../door.js";
import type { OutsideOp } from "../generated/plan.js";
import type { Update } from "./update.js";

type Write = Extract<OutsideOp, { op: "writeCgroup" }>;

/** Which file would get which value in place of which, and what would not be done, for people. */
export function listUpdate(door: Pick<Door, "readKernelFiles">, { writes, ignored, refused }: Update): string {
  const before = door.readKernelFiles(
    writes.map(({ directory, file }) => `${directory}/${file}`),
    false,
  );
  const rows = writes.map((write, index) => {
    const text = before[index]?.trim().replaceAll("\n", ", ");
    const now = text === undefined ? "" : `  (now ${text === "" ? "empty" : text})`;
    return `${row(write)}${now}\n`;
  });
  const refusals = refused.map(({ message }) => `refused: ${message}\n`);
  return [...rows, ...ignored.map((words) => `${words}\n`), ...refusals].join("");
}

function row({ directory, file, values, elseFile, elseValues, optional }: Write): string {
  const other = elseFile === undefined ? "" : `, or ${elseFile} <- ${elseValues?.join(", ") ?? ""}`;
  return `${directory}/${file} <- ${values.join(", ")}${other}${optional === true ? ", if it is there" : ""}`;
}
