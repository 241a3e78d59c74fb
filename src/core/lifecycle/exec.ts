import { readStored } from "../config/stored.js";
import type { Outcome, ProcessId } from "../door.js";
import { TsrunError } from "../error.js";
import type { Config } from "../generated/config.js";
import type { Plan } from "../generated/plan.js";
import { type ExecScene, planExec } from "../plan/exec.js";
import { namespacesOf } from "../plan/namespaces.js";
import { processOf } from "../plan/process.js";
import { type Container, needContainer } from "./container.js";
import { processOfFile, processOfFlags } from "./exec-process.js";
import { activation, givenPath } from "./given.js";
import { rareOf } from "./rare.js";
import { checkTerminal } from "./terminal.js";
import type { Context, Verb } from "./verb.js";

const CONFIG_LIMIT = 16 * 1024 * 1024;

/** Runs a program in a container that runs; in the foreground also waits for it. Answers the program's exit status. */
export const exec: Verb = async (context) => {
  const { door, options, operands } = context;
  const [id = "", ...args] = operands;
  const container = needContainer(context, id);
  const scene = await sceneOf(context, container, args);
  const process = processOf(scene);
  const foreground = options.detach !== true;
  checkTerminal(process, { ...scene.request, foreground });
  const plan = planExec(scene);
  const outcome = door.perform(plan);
  if (!outcome.done) throw await failure(context, scene, plan, outcome);
  if (!foreground || outcome.init === undefined) return 0;
  return door.wait({ pid: outcome.init.pid, terminal: process.terminal === true });
};

async function sceneOf(context: Context, container: Container, args: readonly string[]): Promise<ExecScene> {
  const { door, host, globals, options } = context;
  const { record } = container;
  const init = runningInit(container, options["ignore-paused"] === true);
  const stored = storedConfig(context, container);
  const process =
    options.process === undefined
      ? processOfFlags(stored, options, args)
      : processOfFile(door, givenPath("path", host.cwd, options.process).path ?? "", stored);
  const { cgroup: asked } = options;
  const cgroups =
    asked === undefined ? record.cgroups : (await import("./exec-cgroups.js")).subCgroups(door, record.cgroups, asked);
  const listenFds = activation(host);
  const config = { ...stored, process };
  return {
    config,
    ...(await rareOf(config)),
    request: {
      ...givenPath("pidFile", host.cwd, options["pid-file"]),
      ...givenPath("consoleSocket", host.cwd, options["console-socket"]),
      ...givenPath("pidfdSocket", host.cwd, options["pidfd-socket"]),
      preserve: (options["preserve-fds"] ?? 0) + listenFds,
      listenFds,
      ...(host.env["TSRUN_NOFILE"] === undefined ? {} : { nofile: host.env["TSRUN_NOFILE"] }),
      root: globals.root,
    },
    namespaces: namespacesOf(stored),
    setgroups: record.setgroups,
    record,
    init,
    cgroups,
    ownCgroups: cgroups === record.cgroups,
  };
}

function runningInit({ status, process }: Container, ignorePaused: boolean): ProcessId {
  if (status === "creating") throw new TsrunError("state", "cannot exec in a container that is being created");
  if (process === undefined) throw new TsrunError("state", "cannot exec in a stopped container");
  if (status === "paused" && !ignorePaused)
    throw new TsrunError("state", "cannot exec in a paused container (use --ignore-paused to override)");
  return process;
}

/** As it was when the container was made; nobody but tsrun writes there. */
function storedConfig({ door }: Context, { directory }: Container): Config {
  const text = door.readText(`${directory}/config.json`, CONFIG_LIMIT);
  if (text === undefined) throw new TsrunError("state", "cannot exec in a stopped container");
  return readStored(text);
}

/** A container that ends meanwhile makes steps fail in many ways; none of them says why. */
async function failure(
  context: Context,
  { record, request }: ExecScene,
  plan: Plan,
  outcome: Extract<Outcome, { done: false }>,
): Promise<TsrunError> {
  const { door } = context;
  // one of an earlier exec would pass for the success of this one
  if (request.pidFile !== undefined)
    door.perform({ version: 1, outside: [{ op: "removeFile", path: request.pidFile }], inside: [] });
  const now = needContainer(context, record.id);
  if (now.process === undefined) return new TsrunError("state", "cannot exec in a stopped container");
  const { explain } = await import("../plan/sentence.js");
  return explain(plan, outcome);
}
