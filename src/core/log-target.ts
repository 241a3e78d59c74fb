import type { Door } from "./door.js";
import { type Log, type LogRecord, oneLine } from "./log.js";

/** Numbers of syslog(3). */
const severity: Readonly<Record<LogRecord["level"], number>> = { error: 3, debug: 7 };
const DAEMON = 3 << 3;

/**
 * crun's forms of `--log`: `file:PATH`, `journald:NAME` and `syslog:NAME`. Records for a service are one datagram each, under that
 * name. Any other word with a colon is a path.
 */
export function openTarget(door: Door, target: string, format: Log["format"]): Log {
  const [kind = ""] = target.split(":", 1);
  const rest = target.slice(kind.length + 1);
  const name = oneLine(rest === "" ? "tsrun" : rest);
  switch (kind) {
    case "journald":
      door.openLog("/run/systemd/journal/socket", true);
      return { format, file: true, dress: (record) => journalEntry(name, record) };
    case "syslog":
      door.openLog("/dev/log", true);
      return {
        format,
        file: true,
        dress: ({ level, msg }) => `<${DAEMON | severity[level]}>${name}: ${oneLine(msg)}`,
      };
    case "file":
      door.openLog(rest);
      return { format, file: true };
    default:
      door.openLog(target);
      return { format, file: true };
  }
}

/** The journal's native protocol: a field on each line. */
function journalEntry(name: string, { level, msg, code, op, pointer, errno }: LogRecord): string {
  const fields = { CODE: code, OP: op, POINTER: pointer, ERRNO: errno };
  const own = Object.entries(fields).filter(([, value]) => value !== undefined);
  const lines = [`PRIORITY=${severity[level]}`, `SYSLOG_IDENTIFIER=${name}`, `MESSAGE=${oneLine(msg)}`];
  return [...lines, ...own.map(([field, value]) => `TSRUN_${field}=${value ?? ""}`), ""].join("\n");
}
