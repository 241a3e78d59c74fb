import type { Door, Greeting } from "./door.js";
import type { Plan } from "./generated/plan.js";
import { type Log, append } from "./log.js";
import { rfc3339 } from "./time.js";

/** Who wants to know: each is off by default, and then nothing of this file is loaded. */
export interface Wishes {
  /** `--debug`: a record for each call of the door. */
  readonly debug: boolean;
  /** `--timings`: one line of JSON on stderr at the end. */
  readonly timings: boolean;
  /** `TSRUN_TIMINGS`: the same line, appended to this file. */
  readonly file: string;
}

export interface Trace {
  /** Does what the door does, and takes the time. */
  readonly door: Door;
  /** Tells the timings; the door is not used afterwards. */
  readonly finish: (verb: string, status: number) => void;
}

/** Names of the phases, which programs may rely on; see docs/command-line.md. What takes no time is left out. */
type Phase = "engine" | "command" | "read" | "validate" | "facts" | "plan" | "perform" | "wait" | "print" | "core";

/** Phases of the calls; all others ask for facts. */
const phases: Readonly<Record<string, Phase>> = {
  readConfig: "read",
  readText: "read",
  perform: "perform",
  wait: "wait",
  print: "print",
};

interface StepTime {
  readonly op: string;
  /** Of the member of config.json that asked for it. */
  readonly pointer?: string;
  readonly microseconds: number;
}

export function observe(door: Door, log: Log, host: Greeting, wishes: Wishes): Trace {
  const spent = new Map<Phase, number>();
  const steps: StepTime[] = [];
  const add = (phase: Phase, from: number, to: number): number => {
    spent.set(phase, (spent.get(phase) ?? 0) + to - from);
    return to;
  };
  const begin = door.clock(true);
  add("engine", begin.began, begin.greeted);
  let last = add("command", begin.greeted, begin.now);
  let previous = "";

  const call = (name: string, method: (...words: unknown[]) => unknown, words: unknown[]): unknown => {
    const entered = door.clock(true).now;
    // the time between two calls is the core's: what it did is told by the call before, or by the one that follows
    add(previous === "readConfig" ? "validate" : name === "perform" ? "plan" : "core", last, entered);
    previous = name;
    try {
      return method(...words);
    } finally {
      const left = door.clock(true);
      last = add(phases[name] ?? "facts", entered, left.now);
      const times = name === "perform" ? stepTimes(words[0] as Plan, left.steps) : [];
      steps.push(...times);
      if (wishes.debug) {
        for (const { op, pointer, microseconds } of times)
          tell(`step ${op}${pointer === undefined ? "" : ` (${pointer})`}: ${microseconds} us`);
        tell(`${name}: ${left.now - entered} us`);
      }
    }
  };

  const tell = (msg: string): void => {
    const record = { level: "debug", msg, time: rfc3339(door.now()) } as const;
    if (log.file) append(door, log, record);
    else door.print(2, log.format === "json" ? `${JSON.stringify(record)}\n` : `${msg}\n`);
  };

  const watched = Object.entries(door).map(([name, method]) => [
    name,
    (...words: unknown[]) => call(name, method as (...words: unknown[]) => unknown, words),
  ]);
  if (wishes.debug) tell(`arguments: ${JSON.stringify(host.argv)}`);
  return {
    door: Object.fromEntries(watched) as Door,
    finish(verb, status) {
      const { now } = door.clock(true);
      add("core", last, now);
      const microseconds = Object.fromEntries([...spent, ["total", now - begin.began]]);
      const line = `${JSON.stringify({ version: 1, verb, status, microseconds, steps })}\n`;
      if (wishes.timings) door.print(2, line);
      if (wishes.file !== "") keep(door, wishes.file, line);
    },
  };
}

/** Not worth failing for: the call has done what it was to do. */
function keep(door: Door, file: string, line: string): void {
  try {
    door.appendText(file, line, 0o644);
  } catch (error) {
    door.print(2, `TSRUN_TIMINGS: ${error instanceof Error ? error.message : String(error)}\n`);
  }
}

function stepTimes({ outside }: Plan, times: readonly number[]): readonly StepTime[] {
  return outside.slice(0, times.length).map((step, index) => {
    const pointer = "pointer" in step ? { pointer: step.pointer } : {};
    return { op: step.op, ...pointer, microseconds: times[index] ?? 0 };
  });
}
