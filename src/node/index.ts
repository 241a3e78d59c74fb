// The typed API of the npm package. Every function does what the verb of that name does, throws a TsrunError when it
// cannot, and prints nothing.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GlobalValues, Options, VerbName } from "../core/command/grammar.js";
import type { Advice } from "../core/config/advice/advise.js";
import type { Problem } from "../core/config/problem.js";
import { writeExactly } from "../core/config/write-json.js";
import type { Resources } from "../core/generated/config.js";
import type { Plan } from "../core/generated/plan.js";
import type { State } from "../core/generated/state.js";
import { type Answer, call, type Call } from "./call.js";
import { callApart } from "./call-apart.js";

export { type ErrorCode, TsrunError } from "../core/error.js";
export type { InsideOp, OutsideOp } from "../core/generated/plan.js";
export type { Advice, Plan, Problem, Resources, State };

/** What every function takes. */
export interface RuntimeOptions {
  /** Directory with a directory for each container; /run/tsrun, or $XDG_RUNTIME_DIR/tsrun for other users than root. */
  readonly root?: string;
  /** `disabled`: the container stays in the caller's cgroups. */
  readonly cgroupManager?: "cgroupfs" | "disabled";
}

export interface CreateOptions extends RuntimeOptions {
  /** Directory with config.json; the working directory if absent. */
  readonly bundle?: string;
  /** Another file than config.json. */
  readonly config?: string;
  /** Unix socket to which the master end of the container's terminal is sent; needed with `process.terminal`. */
  readonly consoleSocket?: string;
  /** File that gets the pid of the container's init, in decimal. */
  readonly pidFile?: string;
  /** chroot instead of pivot_root, for a root file system on a ramdisk. */
  readonly noPivot?: boolean;
  readonly noNewKeyring?: boolean;
  /** How many descriptors from 3 on the container keeps. */
  readonly preserveFds?: number;
}

export interface RunOptions extends CreateOptions {
  /** Resolves when the program was started, with 0; the container stays until it is deleted. */
  readonly detach?: boolean;
  /** Keeps the state of the ended container. */
  readonly keep?: boolean;
}

export interface ExecOptions extends RuntimeOptions {
  /** File with the whole process as JSON, as `process` of config.json; of the others, only those from `cgroup` on count then. */
  readonly process?: string;
  /** The program and its arguments. */
  readonly args?: readonly string[];
  readonly cwd?: string;
  /** NAME=value, beside the container's own. */
  readonly env?: readonly string[];
  /** `uid` or `uid:gid`, in numbers. */
  readonly user?: string;
  readonly additionalGids?: readonly number[];
  /** Beside the container's own, like `CAP_KILL`. */
  readonly capabilities?: readonly string[];
  readonly noNewPrivileges?: boolean;
  /** Gives the program a terminal. */
  readonly terminal?: boolean;
  /** Cgroup below the container's own: `path`, or `controller,controller:path`. */
  readonly cgroup?: readonly string[];
  /** Unix socket to which the master end of the terminal is sent; needed with `terminal` and `detach`. */
  readonly consoleSocket?: string;
  /** Resolves when the program was executed, with 0. */
  readonly detach?: boolean;
  /** Also in a paused container. */
  readonly ignorePaused?: boolean;
  /** File that gets the pid of the program, in decimal. */
  readonly pidFile?: string;
  /** How many descriptors from 3 on the program keeps. */
  readonly preserveFds?: number;
}

export interface KillOptions extends RuntimeOptions {
  /** Signals every process of the container. */
  readonly all?: boolean;
}

export interface DeleteOptions extends RuntimeOptions {
  /** Kills the container first if it lives; one that does not exist is no error. */
  readonly force?: boolean;
}

/** Makes a container up to the moment before its program is executed. It gets descriptors 0 to 2 of this process. */
export async function create(id: string, options: CreateOptions = {}): Promise<void> {
  await callApart(spell("create", options, createFlags(options), [id]), options.preserveFds ?? 0);
}

/** Has a created container execute its program. */
export async function start(id: string, options: RuntimeOptions = {}): Promise<void> {
  await ask("start", options, {}, [id]);
}

/**
 * Runs a program in a container that runs, with descriptors 0 to 2 of this process; answers its exit status, 128 + the signal's number if one
 * ended it.
 */
export async function exec(id: string, options: ExecOptions = {}): Promise<number> {
  const { process, cwd, env, user, additionalGids, capabilities, cgroup, consoleSocket, pidFile, preserveFds } =
    options;
  const flags: Options = {
    ...(process === undefined ? {} : { process }),
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env }),
    ...(user === undefined ? {} : { user }),
    ...(additionalGids === undefined ? {} : { "additional-gids": additionalGids.map(String) }),
    ...(capabilities === undefined ? {} : { cap: capabilities }),
    ...(cgroup === undefined ? {} : { cgroup }),
    ...(consoleSocket === undefined ? {} : { "console-socket": consoleSocket }),
    ...(pidFile === undefined ? {} : { "pid-file": pidFile }),
    ...(preserveFds === undefined ? {} : { "preserve-fds": preserveFds }),
    ...(options.noNewPrivileges === undefined ? {} : { "no-new-privs": options.noNewPrivileges }),
    detach: options.detach === true,
    "ignore-paused": options.ignorePaused === true,
    tty: options.terminal === true,
  };
  return (await callApart(spell("exec", options, flags, [id, ...(options.args ?? [])]), preserveFds ?? 0)).status;
}

export async function state(id: string, options: RuntimeOptions = {}): Promise<State> {
  return parsed<State>(await ask("state", options, {}, [id]));
}

/** Waits until a container has ended; answers its exit status, 128 + the signal's number if one ended it. */
export async function wait(id: string, options: RuntimeOptions = {}): Promise<number> {
  return Number((await callApart(spell("wait", options, {}, [id]), 0)).text);
}

/** Sends a signal, by name (`SIGTERM`, `term`) or number, to the container's first process. */
export async function kill(id: string, signal: string | number = "SIGTERM", options: KillOptions = {}): Promise<void> {
  await ask("kill", options, { all: options.all === true }, [id, String(signal)]);
}

/** Freezes every process of a container. */
export async function pause(id: string, options: RuntimeOptions = {}): Promise<void> {
  await ask("pause", options, {}, [id]);
}

/** Lets a paused container go on. */
export async function resume(id: string, options: RuntimeOptions = {}): Promise<void> {
  await ask("resume", options, {}, [id]);
}

/** Changes the limits of a living container, all or none: `resources` is like `linux.resources` of config.json. */
export async function update(id: string, resources: Resources, options: RuntimeOptions = {}): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "tsrun-"));
  try {
    const file = join(directory, "resources.json");
    await writeFile(file, writeExactly(resources), { mode: 0o600 });
    await ask("update", options, { resources: file }, [id]);
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Pids, outside of the container, of all its processes, rising. */
export async function ps(id: string, options: RuntimeOptions = {}): Promise<readonly number[]> {
  return parsed<readonly number[]>(await ask("ps", options, { format: "json" }, [id]));
}

/** Removes a stopped container; also one that was never started. */
async function remove(id: string, options: DeleteOptions = {}): Promise<void> {
  await ask("delete", options, { force: options.force === true }, [id]);
}
export { remove as delete };

/**
 * create, start, wait and delete in one; answers the exit status of the program, 128 + the signal's number if one ended it.
 */
export async function run(id: string, options: RunOptions = {}): Promise<number> {
  const flags: Options = {
    ...createFlags(options),
    detach: options.detach === true,
    keep: options.keep === true,
  };
  return (await callApart(spell("run", options, flags, [id]), options.preserveFds ?? 0)).status;
}

export async function list(options: RuntimeOptions = {}): Promise<readonly State[]> {
  return parsed<readonly State[]>(await ask("list", options, { format: "json" }, []));
}

/** Every step that {@link create} would take, in order; nothing is done. */
export async function plan(options: CreateOptions & { readonly id?: string } = {}): Promise<Plan> {
  const operands = options.id === undefined ? [] : [options.id];
  return parsed<Plan>(await ask("plan", options, { ...createFlags(options), json: true }, operands));
}

/** All that is wrong with a bundle; empty when nothing is. */
export async function validate(options: Pick<CreateOptions, "bundle"> = {}): Promise<readonly Problem[]> {
  const found = await examined(options);
  return found.filter((entry) => entry.code !== "advice");
}

/** What is allowed, but weakens the container of a bundle, the gravest first. */
export async function advise(options: Pick<CreateOptions, "bundle"> = {}): Promise<readonly Advice[]> {
  const found = await examined(options);
  return found.filter((entry) => entry.code === "advice");
}

async function examined(options: Pick<CreateOptions, "bundle">): Promise<readonly (Problem | Advice)[]> {
  return parsed<readonly (Problem | Advice)[]>(await ask("validate", {}, { ...bundleFlag(options), json: true }, []));
}

function ask(verb: VerbName, common: RuntimeOptions, options: Options, operands: readonly string[]): Promise<Answer> {
  return call(spell(verb, common, options, operands));
}

function spell(verb: VerbName, common: RuntimeOptions, options: Options, operands: readonly string[]): Call {
  const globals: GlobalValues = {
    ...(common.root === undefined ? {} : { root: common.root }),
    ...(common.cgroupManager === undefined ? {} : { "cgroup-manager": common.cgroupManager }),
  };
  return { verb, globals, options, operands };
}

function bundleFlag({ bundle }: Pick<CreateOptions, "bundle">): Options {
  return bundle === undefined ? {} : { bundle };
}

function createFlags(options: CreateOptions): Options {
  const { config, consoleSocket, pidFile, preserveFds } = options;
  return {
    ...bundleFlag(options),
    ...(config === undefined ? {} : { config }),
    ...(consoleSocket === undefined ? {} : { "console-socket": consoleSocket }),
    ...(pidFile === undefined ? {} : { "pid-file": pidFile }),
    ...(preserveFds === undefined ? {} : { "preserve-fds": preserveFds }),
    "no-pivot": options.noPivot === true,
    "no-new-keyring": options.noNewKeyring === true,
  };
}

/** The core printed it a moment ago: its shape is as its type says. */
function parsed<Value>({ text }: Answer): Value {
  return JSON.parse(text) as Value;
}
