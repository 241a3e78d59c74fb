import { resolveGlobals } from "./command/globals.js";
import { type GlobalValues, type VerbName, globalOptions, optionsOf, verbs } from "./command/grammar.js";
import { type Prepared, prepare } from "./command/prepare.js";
import { type Parse, readValues } from "./command/read.js";
import { loadVerb } from "./dispatch.js";
import { type Door, type Greeting, doorVersion } from "./door.js";
import { TsrunError } from "./error.js";
import { checkId } from "./lifecycle/id.js";
import { type Log, openLog, report } from "./log.js";
import { version } from "./version.js";

/**
 * One call of the program, from argv to the exit status. Whatever goes wrong is told on one line, with status 1; only when the door
 * cannot even print does the promise reject, with the first failure.
 */
export async function main(door: Door, parse: Parse): Promise<number> {
  let log: Log = { file: false, format: "text" };
  try {
    const host = greet(door);
    const prepared = prepare(host.argv);
    const { values } = await parse([...prepared.globals, "--"], globalOptions);
    // Before anything is refused: callers look for the refusal in the log.
    log = openLog(door, values["log"], values["log-format"]);
    if (prepared.problem !== undefined) throw prepared.problem;
    return await call(door, host, prepared, readValues(globalOptions, values), parse);
  } catch (error) {
    tell(door, log, error);
    return 1;
  }
}

function greet(door: Door): Greeting {
  const host = door.hello();
  if (host.doorVersion === doorVersion) return host;
  const theirs = `library ${host.library} speaks version ${host.doorVersion} of the door`;
  throw new TsrunError("internal", `${theirs}, tsrun ${version} speaks version ${doorVersion}`, { op: "hello" });
}

async function call(
  door: Door,
  host: Greeting,
  prepared: Prepared,
  values: GlobalValues,
  parse: Parse,
): Promise<number> {
  const base = { door, host, globals: resolveGlobals(values, host) };
  if (prepared.verb === undefined || values.version === true || values.help === true) {
    const verb = await loadVerb[values.version === true ? "version" : "help"]();
    return verb({ ...base, options: {}, operands: [] });
  }
  const table = optionsOf(prepared.verb);
  const parsed = await parse([...prepared.options, "--", ...prepared.operands], table);
  const options = readValues(table, parsed.values);
  if (options["help"] === true) return (await loadVerb.help())({ ...base, options: {}, operands: [prepared.verb] });
  checkOperands(prepared.verb, parsed.operands);
  const load = loadVerb[prepared.verb];
  if (load === undefined) throw new TsrunError("unsupported", `"${prepared.verb}" is not supported yet`);
  const verb = await load();
  return verb({ ...base, options, operands: parsed.operands });
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

function describe(error: unknown): string {
  if (error instanceof TsrunError) return error.message;
  return `internal error: ${error instanceof Error ? error.message : String(error)}`;
}
