import { resolveGlobals } from "./command/globals.js";
import { type VerbName, globalOptions, verbOptions, verbs } from "./command/grammar.js";
import { globalPrefix, prepare } from "./command/prepare.js";
import { type Parse, type Parsed, readValues } from "./command/read.js";
import { loadVerb } from "./dispatch.js";
import { type Door, type Greeting, doorVersion } from "./door.js";
import { TsrunError } from "./error.js";
import { checkId } from "./lifecycle/id.js";
import { type Failure, type Log, openLog, report } from "./log.js";
import type { Trace } from "./trace.js";
import { version } from "./version.js";

/**
 * One call of the program, from argv to the exit status. Whatever goes wrong is told on one line, with status 1 (exec: 255); only when the door
 * cannot even print does the promise reject, with the first failure.
 */
export async function main(front: Door, parse: Parse): Promise<number> {
  let door = front;
  let log: Log = { file: false, format: "text" };
  let trace: Trace | undefined;
  let verb = "";
  let status = 1;
  try {
    const host = greet(door);
    const prepared = prepare(host.argv);
    verb = prepared.verb ?? "";
    const parsed = await parse(prepared.line, prepared.table);
    // Before anything is refused: callers look for the refusal in the log.
    log = await openLog(door, parsed.values[`${globalPrefix}log`], parsed.values[`${globalPrefix}log-format`]);
    trace = await observed(door, log, host, parsed.values);
    if (trace !== undefined) door = trace.door;
    if (prepared.mistake !== undefined)
      throw (await import("./command/mistake.js")).explainMistake(door, prepared.mistake);
    // from the program that it was to run, any other status could come
    if (prepared.verb === "exec") status = 255;
    status = await call(door, host, prepared.verb, parsed);
  } catch (error) {
    tell(front, log, error);
  }
  trace?.finish(verb, status);
  return status;
}

/** Whoever does not ask where the time goes pays nothing. */
async function observed(door: Door, log: Log, host: Greeting, values: Parsed["values"]): Promise<Trace | undefined> {
  const debug = values[`${globalPrefix}debug`] === true || values[`${globalPrefix}log-level`] === "debug";
  const timings = values[`${globalPrefix}timings`] === true;
  const file = host.env["TSRUN_TIMINGS"] ?? "";
  if (!debug && !timings && file === "") return undefined;
  return (await import("./trace.js")).observe(door, log, host, { debug, timings, file });
}

export function greet(door: Door): Greeting {
  const host = door.hello();
  if (host.doorVersion === doorVersion) return host;
  const theirs = `library ${host.library} speaks version ${host.doorVersion} of the door`;
  throw new TsrunError("internal", `${theirs}, tsrun ${version} speaks version ${doorVersion}`, { op: "hello" });
}

async function call(door: Door, host: Greeting, verb: VerbName | undefined, parsed: Parsed): Promise<number> {
  const { values, operands } = parsed;
  const given = readValues(globalOptions, values, globalPrefix);
  const base = { door, host, globals: resolveGlobals(given, host) };
  if (given.version === true) return (await loadVerb.version())({ ...base, options: {}, operands: [] });
  if (given.help === true || verb === undefined) return (await loadVerb.help())({ ...base, options: {}, operands: [] });
  const options = readValues(verbOptions, values);
  if (options.help === true) return (await loadVerb.help())({ ...base, options: {}, operands: [verb] });
  if (options.regex !== true) checkOperands(verb, operands);
  return (await loadVerb[verb]())({ ...base, options, operands });
}

function checkOperands(verb: VerbName, operands: readonly string[]): void {
  const id = operands[0];
  if (id !== undefined && verbs[verb].operands[0]?.name === "CONTAINER-ID") checkId(id);
}

function tell(door: Door, log: Log, failure: unknown): void {
  try {
    report(door, log, describe(failure));
  } catch {
    throw failure;
  }
}

function describe(error: unknown): Failure {
  if (error instanceof TsrunError) {
    const { message: msg, code, op, pointer, errno } = error;
    return { msg, code, op, pointer, errno };
  }
  const words = error instanceof Error ? error.message : String(error);
  return { msg: `internal error: ${words}`, code: "internal" };
}
