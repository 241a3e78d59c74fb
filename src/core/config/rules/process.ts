import type { Process, Scheduler } from "../../generated/config.js";
import { show } from "../problem.js";
import type { Refuse, Rule } from "./rule.js";

/** config.md, Process, and what execve(2) and setrlimit(2) demand. */
export const processRules: Rule = ({ process }, refuse) => {
  if (process === undefined) {
    refuse("/process", "an object", show(process));
    return;
  }
  if (!process.cwd.startsWith("/")) refuse("/process/cwd", "an absolute path", show(process.cwd));
  if (process.args === undefined) refuse("/process/args", "an array of at least one string", show(process.args));
  else if (process.args.length === 0) refuse("/process/args", "at least one string", "none");
  process.env?.forEach((entry, index) => {
    if (entry.indexOf("=") < 1) refuse(`/process/env/${index}`, "NAME=value", show(entry));
  });
  limitRules(process, refuse);
  if (process.scheduler !== undefined) schedulerRules(process.scheduler, refuse);
  const level = process.ioPriority?.priority ?? 0;
  if (level < 0 || level > 7) refuse("/process/ioPriority/priority", "an integer from 0 to 7", show(level));
};

function limitRules({ rlimits }: Process, refuse: Refuse): void {
  const seen = new Set<string>();
  rlimits?.forEach(({ type, soft, hard }, index) => {
    if (seen.has(type)) refuse(`/process/rlimits/${index}/type`, "each type once", `a second ${type}`);
    seen.add(type);
    if (soft > hard) refuse(`/process/rlimits/${index}/soft`, `at most the hard limit, ${hard}`, show(soft));
  });
}

/** sched(7): which members belong to which policy. */
function schedulerRules(scheduler: Scheduler, refuse: Refuse): void {
  const { policy, nice = 0, priority = 0 } = scheduler;
  const fair = policy === "SCHED_OTHER" || policy === "SCHED_BATCH";
  const realTime = policy === "SCHED_FIFO" || policy === "SCHED_RR";
  const [least, most] = realTime ? [1, 99] : [0, 0];
  if (nice !== 0 && !fair) refuse("/process/scheduler/nice", "0, or SCHED_OTHER or SCHED_BATCH", show(nice));
  if (nice < -20 || nice > 19) refuse("/process/scheduler/nice", "an integer from -20 to 19", show(nice));
  if (priority < least || priority > most)
    refuse("/process/scheduler/priority", `${realTime ? "1 to 99" : "0"} for ${policy}`, show(priority));
  for (const name of ["runtime", "deadline", "period"] as const) {
    const value = scheduler[name] ?? 0;
    if (value !== 0 && policy !== "SCHED_DEADLINE")
      refuse(`/process/scheduler/${name}`, `0 for ${policy}`, show(value));
  }
}
