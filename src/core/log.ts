import type { Door } from "./door.js";
import type { ErrorCode } from "./error.js";
import { rfc3339 } from "./time.js";

/** Where failures are told. */
export interface Log {
  readonly format: "text" | "json";
  /** `--log` was given and is open. */
  readonly file: boolean;
  /** Another form than that of a file, for the services of the machine. */
  readonly dress?: ((record: LogRecord) => string) | undefined;
}

/** What is told; the last four only where they are known. */
export interface LogRecord {
  readonly level: "error" | "debug";
  readonly msg: string;
  readonly time: string;
  readonly code?: ErrorCode | undefined;
  readonly op?: string | undefined;
  readonly pointer?: string | undefined;
  readonly errno?: string | undefined;
}

/** conmon reads no more than 8 KiB, and waits for the program's end before it reads: what does not fit into the pipe would block. */
const longest = 4000;

/** Opens the file or service of `--log`, if any. Other words than `json` mean text here: they are refused once the log is open. */
export async function openLog(door: Door, target: unknown, format: unknown): Promise<Log> {
  const form = format === "json" ? "json" : "text";
  if (typeof target !== "string" || target === "") return { format: form, file: false };
  if (target.includes(":")) return (await import("./log-target.js")).openTarget(door, target, form);
  door.openLog(target);
  return { format: form, file: true };
}

/** A failure as records tell it. */
export type Failure = Omit<LogRecord, "level" | "time">;

/**
 * Tells a failure: one record to the log file and the plain sentence to stderr, for some callers read the one and some the other.
 * Without a log file stderr gets the record where JSON was asked for, else the sentence. Nothing else is ever logged at this level:
 * containerd takes the last error of the file, Podman wants one record in all.
 */
export function report(door: Door, log: Log, { msg, code, pointer, op, errno }: Failure): void {
  const short = msg.length > longest ? `${msg.slice(0, longest)}...` : msg;
  const record: LogRecord = { level: "error", msg: short, time: rfc3339(door.now()), code, pointer, op, errno };
  if (log.file) append(door, log, record);
  door.print(2, !log.file && log.format === "json" ? lineOf(log, record) : `${oneLine(short)}\n`);
}

/** Adds a record to the log file. */
export function append(door: Door, log: Log, record: LogRecord): void {
  try {
    door.appendLog(log.dress?.(record) ?? lineOf(log, record));
  } catch {
    // The log's disk is full: what goes to stderr is all there is.
  }
}

function lineOf({ format }: Log, record: LogRecord): string {
  // what is not known is left out
  if (format === "json") return `${JSON.stringify(record)}\n`;
  return `time="${record.time}" level=${record.level} msg=${JSON.stringify(record.msg)}\n`;
}

/** Names of files may hold line ends and terminal codes; an error is one line all the same. */
export function oneLine(message: string): string {
  let line = "";
  for (const character of message) {
    const control = character < " " || character === "\x7f";
    line += control ? JSON.stringify(character).slice(1, -1) : character;
  }
  return line.replaceAll("\x7f", "\\u007f");
}
