import { wholeNumber } from "../command/read.js";
import { TsrunError } from "../error.js";
import { lookup } from "../tables/lookup.js";
import { realTimeSignals, signals } from "../tables/signals.js";
import { needContainer } from "./container.js";
import { killMembers, performOutside, planFreeze } from "./removal.js";
import type { Context, Verb } from "./verb.js";

const SIGKILL = 9;

/** Sends a signal to the container's init, with --all to every process of the container. */
export const kill: Verb = async (context) => {
  const [id = "", name = "SIGTERM"] = context.operands;
  const signal = signalNumber(name);
  if (context.options.regex !== true) await signalContainer(context, id, signal);
  else await (await import("./matching.js")).forEachMatching(context, (one) => signalContainer(context, one, signal));
  return 0;
};

async function signalContainer(context: Context, id: string, signal: number): Promise<void> {
  const container = needContainer(context, id);
  const { record, process, status } = container;
  const all = context.options.all === true;
  // without a pid namespace of its own the others outlive init
  const everyone = all || (signal === SIGKILL && !record.ownPidNamespace);
  if (process === undefined && !(everyone && record.pid !== undefined))
    throw new TsrunError("state", "container not running");
  if (everyone) await performOutside(context.door, killMembers(record, signal));
  else if (process !== undefined) signalInit(context, process, signal);
  // on cgroup v1 what is frozen does not die
  if (signal === SIGKILL && status === "paused") await performOutside(context.door, planFreeze(record, false));
}

function signalInit(context: Context, process: { pid: number; startTime: number }, signal: number): void {
  const outcome = context.door.perform({ version: 1, outside: [{ op: "signal", ...process, signal }], inside: [] });
  if (outcome.done) return;
  const ESRCH = 3;
  if (outcome.errno === ESRCH) throw new TsrunError("state", "container not running", { op: "signal", errno: "ESRCH" });
  throw new TsrunError("kernel", `signal ${signal} to process ${process.pid}: error ${outcome.errno}`, {
    op: "signal",
  });
}

/** A number from 1 to 64, or a name with or without SIG, in any case; RTMIN+n and RTMAX-n as kill(1) writes them. */
export function signalNumber(word: string): number {
  const upper = word.toUpperCase();
  const name = upper.startsWith("SIG") ? upper : `SIG${upper}`;
  const number = lookup(signals, name) ?? realTime(name) ?? decimal(word);
  if (number === undefined || number < 0 || number > realTimeSignals.last)
    throw new TsrunError("usage", `unknown signal ${JSON.stringify(word)}`);
  return number;
}

function realTime(name: string): number | undefined {
  const match = /^SIGRT(MIN|MAX)(?:([+-])([0-9]{1,2}))?$/.exec(name);
  if (match === null) return undefined;
  const base = match[1] === "MIN" ? realTimeSignals.first : realTimeSignals.last;
  const offset = decimal(match[3] ?? "0") ?? 0;
  const number = match[2] === "-" ? base - offset : base + offset;
  return number >= realTimeSignals.first && number <= realTimeSignals.last ? number : undefined;
}

function decimal(text: string): number | undefined {
  return wholeNumber(text, 99);
}
