import type { Door } from "./door.js";
import { rfc3339 } from "./time.js";

/** Where failures are told. */
export interface Log {
  readonly format: "text" | "json";
  /** `--log` was given and is open. */
  readonly file: boolean;
}

/** conmon reads no more than 8 KiB, and waits for the program's end before it reads: what does not fit into the pipe would block. */
const longest = 4000;

/** Opens the file of `--log`, if any. Other words than `json` mean text here: they are refused once the log is open. */
export function openLog(door: Door, path: unknown, format: unknown): Log {
  const file = typeof path === "string" && path !== "";
  if (file) door.openLog(path);
  return { format: format === "json" ? "json" : "text", file };
}

/**
 * Tells a failure: one record to the log file and the plain sentence to stderr, for some callers read the one and some the other.
 * Without a log file stderr gets the record where JSON was asked for, else the sentence. Nothing else is ever logged at this level:
 * containerd takes the last error of the file, Podman wants one record in all.
 */
export function report(door: Door, log: Log, failure: string): void {
  const message = failure.length > longest ? `${failure.slice(0, longest)}...` : failure;
  if (log.file) {
    try {
      door.appendLog(record(door, log, message));
    } catch {
      // The log's disk is full: the sentence below is all there is.
    }
  }
  door.print(2, !log.file && log.format === "json" ? record(door, log, message) : `${oneLine(message)}\n`);
}

function record(door: Door, log: Log, message: string): string {
  const time = rfc3339(door.now());
  if (log.format === "json") return `${JSON.stringify({ level: "error", msg: message, time })}\n`;
  return `time="${time}" level=error msg=${JSON.stringify(message)}\n`;
}

/** Names of files may hold line ends and terminal codes; an error is one line all the same. */
function oneLine(message: string): string {
  let line = "";
  for (const character of message) {
    const control = character < " " || character === "\x7f";
    line += control ? JSON.stringify(character).slice(1, -1) : character;
  }
  return line.replaceAll("\x7f", "\\u007f");
}
