import type { Options } from "../command/grammar.js";
import { wholeNumber } from "../command/read.js";
import { readProcess } from "../config/read-process.js";
import type { Door } from "../door.js";
import { TsrunError } from "../error.js";
import type { Capabilities, Config, Process, User } from "../generated/config.js";
import { capabilities as known } from "../tables/capabilities.js";
import { lookup } from "../tables/lookup.js";

const PROCESS_LIMIT = 16 * 1024 * 1024;
/** 4294967295 means "leave unchanged" to setresuid(2). */
const LAST_ID = 4294967294;

/** --process FILE: as it stands there. What it says nothing of is as in the container's configuration. */
export function processOfFile(door: Door, path: string, { process: base }: Config): Process {
  const text = door.readText(path, PROCESS_LIMIT);
  if (text === undefined)
    throw new TsrunError("config", `open ${path}: no such file or directory`, { errno: "ENOENT" });
  const process = readProcess(text);
  const { rlimits = [], user = {} } = process;
  return {
    ...pick(
      base,
      "capabilities",
      "oomScoreAdj",
      "apparmorProfile",
      "selinuxLabel",
      "execCPUAffinity",
      "scheduler",
      "ioPriority",
    ),
    ...process,
    ...(rlimits.length === 0 ? pick(base, "rlimits") : {}),
    user: { ...(base?.user === undefined ? {} : pick(base.user, "umask")), ...user },
  };
}

function pick<From extends object, Name extends keyof From>(
  from: From | undefined,
  ...names: readonly Name[]
): { readonly [Key in Name]?: From[Key] } {
  const picked: { [Key in Name]?: From[Key] } = {};
  for (const name of names) if (from?.[name] !== undefined) picked[name] = from[name];
  return picked;
}

/** The container's own process, but for what the command line says. */
export function processOfFlags({ process: base }: Config, options: Options, args: readonly string[]): Process {
  const { cwd = base?.cwd ?? "/", env = [], cap = [] } = options;
  if (args.length === 0 || args[0] === "") throw usage("process args must not be empty: expected a command");
  if (!cwd.startsWith("/")) throw wrong("cwd", "an absolute path", cwd);
  for (const entry of env) if (entry.indexOf("=") < 1) throw wrong("env", "NAME=value", entry);
  return {
    ...base,
    terminal: options.tty === true,
    args,
    cwd,
    env: [...(base?.env ?? []), ...env],
    user: userOf(base?.user, options),
    noNewPrivileges: options["no-new-privs"] ?? base?.noNewPrivileges === true,
    ...(cap.length === 0 ? {} : { capabilities: withCapabilities(base?.capabilities, cap) }),
  };
}

function userOf(base: User | undefined, options: Options): User {
  const { user: given } = options;
  const groups = options["additional-gids"] ?? [];
  const more = groups.map((text) => id("additional-gids", text, text));
  const additionalGids = [...(base?.additionalGids ?? []), ...more];
  if (given === undefined) return { ...base, additionalGids };
  const [uid = "", gid, ...rest] = given.split(":");
  if (rest.length > 0) throw wrong("user", "UID[:GID]", given);
  return {
    ...base,
    uid: id("user", uid, given),
    ...(gid === undefined ? {} : { gid: id("user", gid, given) }),
    additionalGids,
  };
}

/** A number, never a name: the image's /etc/passwd has no say in who one is. */
function id(option: string, text: string, given: string): number {
  const number = wholeNumber(text, LAST_ID);
  if (number === undefined)
    throw wrong(option, option === "user" ? `UID[:GID], numbers up to ${LAST_ID}` : `a number up to ${LAST_ID}`, given);
  return number;
}

/** Never inheritable (CVE-2022-29162), and ambient only where the container's own has inheritable ones: ambient needs them. */
function withCapabilities(base: Capabilities = {}, names: readonly string[]): Capabilities {
  for (const name of names)
    if (lookup(known, name) === undefined) throw wrong("cap", "a capability like CAP_KILL", name);
  const more = (set: readonly string[] = []): readonly string[] => [...set, ...names];
  return {
    ...base,
    bounding: more(base.bounding),
    effective: more(base.effective),
    permitted: more(base.permitted),
    ...(base.inheritable === undefined ? {} : { ambient: more(base.ambient) }),
  };
}

function wrong(option: string, expected: string, found: string): TsrunError {
  return usage(`invalid value of --${option}: expected ${expected}, found ${JSON.stringify(found)}`);
}

function usage(sentence: string): TsrunError {
  return new TsrunError("usage", sentence, { op: "command line" });
}
