// The suite's command line.
import { parseArgs } from "node:util";

export type Layout = "hybrid" | "v1" | "v2";

export interface Options {
  /** The runtime's command and arguments. */
  readonly runtime: readonly string[];
  /** Names or numbers of the chapters to run; all when empty. */
  readonly chapters: readonly string[];
  /** Undefined: the layout that suits the machine and the runtime. */
  readonly sandbox: Layout | "none" | undefined;
  /** Runs also what peers.json says that the runtime cannot do. */
  readonly noExcuses: boolean;
  /** Containers are scopes of systemd: the runtime is told so, and cgroupsPath has the form slice:prefix:name. */
  readonly systemd: boolean;
  /** The compiled inside/probe.c, for machines without a compiler; undefined: it is compiled. */
  readonly probe: string | undefined;
  /** Seconds that one call of the runtime may take. */
  readonly patience: number;
  /** How many checks run side by side. */
  readonly jobs: number;
  /** How many times more a check that failed is run: for peers, whose races are their own. */
  readonly again: number;
}

export const usage =
  "usage: node conformance/run.mjs --runtime PATH [--runtime-arg=X]... [--chapter NAME]... " +
  "[--sandbox hybrid|v1|v2|none] [--systemd] [--probe PATH] [--jobs N] [--patience SECONDS] [--again N] [--no-excuses]";

/** @throws Error with a sentence when the command line is wrong. */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      runtime: { type: "string" },
      "runtime-arg": { type: "string", multiple: true, default: [] },
      chapter: { type: "string", multiple: true, default: [] },
      sandbox: { type: "string" },
      systemd: { type: "boolean", default: false },
      probe: { type: "string" },
      jobs: { type: "string", default: "4" },
      patience: { type: "string", default: "20" },
      again: { type: "string", default: "0" },
      "no-excuses": { type: "boolean", default: false },
    },
  });
  if (values.runtime === undefined || values.runtime === "") throw new Error("--runtime is missing");
  const [jobs, patience, again] = [Number(values.jobs), Number(values.patience), Number(values.again)];
  if (!Number.isInteger(jobs) || jobs < 1) throw new Error("--jobs must be a number from 1");
  if (!Number.isInteger(patience) || patience < 1) throw new Error("--patience must be a number from 1");
  if (!Number.isInteger(again) || again < 0) throw new Error("--again must be a number from 0");
  return {
    runtime: [values.runtime, ...values["runtime-arg"], ...(values.systemd ? ["--systemd-cgroup"] : [])],
    chapters: values.chapter,
    sandbox: readLayout(values.sandbox),
    systemd: values.systemd,
    probe: values.probe,
    noExcuses: values["no-excuses"],
    jobs,
    patience,
    again,
  };
}

function readLayout(word: string | undefined): Options["sandbox"] {
  if (word === undefined || word === "hybrid" || word === "v1" || word === "v2" || word === "none") return word;
  throw new Error("--sandbox must be hybrid, v1, v2 or none");
}
