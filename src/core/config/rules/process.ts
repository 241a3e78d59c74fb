import type { Process } from "../../generated/config.js";
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
};

function limitRules({ rlimits }: Process, refuse: Refuse): void {
  const seen = new Set<string>();
  rlimits?.forEach(({ type, soft, hard }, index) => {
    if (seen.has(type)) refuse(`/process/rlimits/${index}/type`, "each type once", `a second ${type}`);
    seen.add(type);
    if (soft > hard) refuse(`/process/rlimits/${index}/soft`, `at most the hard limit, ${hard}`, show(soft));
  });
}
