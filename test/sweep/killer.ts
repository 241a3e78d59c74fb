// The tracer killer.c, and what it reports.
import { spawnSync } from "node:child_process";
import { join } from "node:path";

export interface Report {
  /** False: the command ended before its Nth system call. */
  readonly killed: boolean;
  /** Name of the system call at which the kill happened. */
  readonly call: string;
  /** Exit status of the command under trace, 128 + signal when it was killed. */
  readonly status: number;
  /** Exit statuses of the other commands, in order. */
  readonly others: readonly number[];
  /** Processes that were still there two seconds later. */
  readonly left: number;
  /** What all commands wrote to their standard error. */
  readonly stderr: string;
}

export interface Strike {
  /** See killer.c. */
  readonly mode: "entry" | "exit" | "child";
  readonly nth: number;
  /** Microseconds between the kill and the commands that follow. */
  readonly delay: number;
  readonly before: readonly (readonly string[])[];
  readonly victim: readonly string[];
  readonly after: readonly (readonly string[])[];
}

/** Compiles the tracer into `directory`; answers its path. */
export function buildKiller(directory: string): string {
  const path = join(directory, "killer");
  const args = ["-O2", "-Wall", "-o", path, join(import.meta.dirname, "killer.c"), "-lseccomp"];
  const { status, stderr, error } = spawnSync("cc", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`cc: ${error?.message ?? stderr}`);
  return path;
}

export function strike(killer: string, { mode, nth, delay, before, victim, after }: Strike): Report {
  const groups = [...before, ["@", ...victim], ...after].flatMap((command) => [";", ...command]).slice(1);
  const args = [mode, String(nth), String(delay), ...groups];
  const { status, stdout, stderr } = spawnSync(killer, args, { encoding: "utf8", timeout: 60_000 });
  if (status !== 0) throw new Error(`killer ${args.join(" ")}: exit ${String(status)}: ${stderr}`);
  return { ...(JSON.parse(stdout) as Omit<Report, "stderr">), stderr };
}
