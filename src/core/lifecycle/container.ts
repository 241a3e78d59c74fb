import type { Door, Probe, ProcessId } from "../door.js";
import { TsrunError } from "../error.js";
import type { Record } from "../plan/record.js";
import type { Context } from "./verb.js";

export type Status = "creating" | "created" | "running" | "paused" | "stopped";

/** A container as its record and the kernel tell of it. */
export interface Container {
  readonly record: Record;
  /** Its directory below the state root. */
  readonly directory: string;
  readonly status: Status;
  /** While it lives. */
  readonly process: ProcessId | undefined;
}

const RECORD_LIMIT = 16 * 1024 * 1024;

export function directoryOf({ globals }: Context, id: string): string {
  return `${globals.root}/${id}`;
}

/** The start socket's path: it exists from create to start. */
export function socketOf(directory: string): string {
  return `${directory}/start.sock`;
}

/** The container, or `undefined` when there is no record of it. */
export function findContainer(door: Door, directory: string): Container | undefined {
  const text = door.readText(`${directory}/state.json`, RECORD_LIMIT);
  if (text === undefined) return undefined;
  const record = parseRecord(text, directory);
  const { pid, startTime } = record;
  if (pid === undefined || startTime === undefined)
    return { record, directory, status: "creating", process: undefined };
  const process = { pid, startTime };
  const probe = door.probe(process, socketOf(directory), record.freezer);
  return { record, directory, status: statusOf(probe), process: probe.alive ? process : undefined };
}

export function needContainer(context: Context, id: string): Container {
  const container = findContainer(context.door, directoryOf(context, id));
  if (container === undefined) throw new TsrunError("not-found", "container does not exist");
  return container;
}

function statusOf({ alive, waiting, frozen }: Probe): Status {
  if (!alive) return "stopped";
  if (frozen) return "paused";
  return waiting ? "created" : "running";
}

/** Only tsrun writes this file, in a directory of its own; a version of another tsrun is the one thing to look out for. */
function parseRecord(text: string, directory: string): Record {
  let record: Record | undefined;
  try {
    record = JSON.parse(text) as Record;
  } catch {
    record = undefined;
  }
  if (record?.version === 1) return record;
  throw new TsrunError("internal", `${directory}/state.json: expected a record of version 1, found another file`);
}

/** The state of a container as `state` and `list` print it (runtime.md, "State"). */
export function stateOf({ record, status, process }: Container, owner = ""): object {
  return {
    ociVersion: record.ociVersion,
    id: record.id,
    pid: process?.pid ?? 0,
    status,
    bundle: record.bundle,
    rootfs: record.rootfs,
    created: record.created,
    ...(Object.keys(record.annotations).length > 0 ? { annotations: record.annotations } : {}),
    owner,
  };
}
