import { type Container, stateOf } from "./container.js";
import { containersOf } from "./containers.js";
import type { Context, Verb } from "./verb.js";

/** Lists the containers of the state root. */
export const list: Verb = (context) => {
  const { door, options } = context;
  const containers = containersOf(context);
  if (options.quiet === true) door.print(1, containers.map(({ record }) => `${record.id}\n`).join(""));
  else if (options.format === "json")
    door.print(1, `${JSON.stringify(containers.map((one) => stateOf(one, ownerOf(context, one))))}\n`);
  else door.print(1, table(containers.map((one) => row(context, one))));
  return 0;
};

function ownerOf({ door }: Context, { record }: Container): string {
  return door.userName(record.owner) ?? `#${record.owner}`;
}

const heading = ["ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"] as const;

function row(context: Context, container: Container): readonly string[] {
  const { record, process, status } = container;
  return [record.id, String(process?.pid ?? 0), status, record.bundle, record.created, ownerOf(context, container)];
}

/** Columns as wide as their widest cell, at least twelve characters with the gap of three. */
function table(rows: readonly (readonly string[])[]): string {
  const all = [heading, ...rows];
  const widths = heading.map((_, column) => Math.max(12, ...all.map((cells) => (cells[column] ?? "").length + 3)));
  return all
    .map(
      (cells) =>
        `${cells.map((cell, column) => (column === cells.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join("")}\n`,
    )
    .join("");
}
