import type { Outcome } from "../door.js";
import { TsrunError } from "../error.js";
import type { InsideOp, OutsideOp, Plan } from "../generated/plan.js";
import { describeErrno, errnoText } from "../tables/errno.js";
import { describe } from "./describe.js";
import { type Record, withoutPermission } from "./record.js";

type Failure = Extract<Outcome, { done: false }>;

/** The sentence for a step that failed: what it was to do, what the kernel said, which config value asked for it. */
export function explain(plan: Plan, failure: Failure, beginning = "unable to start container process"): TsrunError {
  const [errno, words] = describeErrno(failure.errno) ?? [`errno ${failure.errno}`, `error ${failure.errno}`];
  const half = failure.half === "inside" ? plan.inside : plan.outside;
  const step = half[failure.step];
  const facts = { op: step?.op ?? "init", pointer: step?.pointer, errno: failure.errno === 0 ? undefined : errno };
  if (step === undefined) return new TsrunError("kernel", `container init ended: ${failure.detail}`, facts);
  const known =
    special(step, errno, failure.detail) ?? boundToProcessors(plan, step, errno) ?? noCgroups(plan, step, errno);
  if (known !== undefined) return new TsrunError(known.code, known.message, facts);
  const reason = reasonOf(step, failure.detail, words);
  const inside = failure.half === "inside" ? "error during container init: " : "";
  const pointer = step.pointer === undefined ? "" : ` (${step.pointer})`;
  return new TsrunError("kernel", `${beginning}: ${inside}${describe(step)}: ${reason}${pointer}`, facts);
}

function reasonOf(step: InsideOp | OutsideOp, detail: string, words: string): string {
  if (detail === "") return words;
  // the one of several values that was refused
  return step.op === "writeCgroup" ? `${detail}: ${words}` : detail;
}

interface Known {
  readonly code: TsrunError["code"];
  readonly message: string;
}

/** Failures that have words of their own, some of which callers look for. */
function special(step: InsideOp | OutsideOp, errno: string, detail: string): Known | undefined {
  switch (step.op) {
    case "makeDirectory":
      return "exclusive" in step && step.exclusive && errno === "EEXIST"
        ? { code: "exists", message: "container with given ID already exists" }
        : undefined;
    case "spawn":
      return detail.startsWith("unable to stat") ? { code: "usage", message: detail } : undefined;
    case "makeCgroup":
      return detail === "" ? undefined : { code: "state", message: detail };
    case "findProgram":
      return { code: "config", message: `unable to start container process: ${program(step.args[0] ?? "", errno)}` };
    case "execute":
      return undefined;
    case "hook":
      return {
        code: "config",
        message: hookFailure(step.pointer ?? "", step.path, errno, detail),
      };
    case "sendListener":
      return detail === ""
        ? undefined
        : { code: "kernel", message: `${detail} ${step.path}: ${errnoText(errno)} (${step.pointer ?? ""})` };
    default:
      return undefined;
  }
}

/** A deadline is promised for all processors of the machine or for none (sched(7)). */
function boundToProcessors({ outside }: Plan, { op }: InsideOp | OutsideOp, errno: string): Known | undefined {
  const bound =
    op === "scheduler" && errno === "EPERM" && outside.some((step) => "file" in step && step.file === "cpuset.cpus");
  const message =
    "process scheduler can't be used together with AllowedCPUs (/process/scheduler, /linux/resources/cpu/cpus)";
  return bound ? { code: "config", message } : undefined;
}

/** `error running createRuntime hook #0: exit status 1: what it said`; detail is empty where the hook could not be executed. */
export function hookFailure(pointer: string, path: string, errno: string, detail: string): string {
  const [, , name = "", index = ""] = pointer.split("/");
  return `error running ${name} hook #${index}: ${detail === "" ? `${path}: ${errnoText(errno)}` : detail}`;
}

/** Who is not root of the machine may lack the permission for any cgroup. */
function noCgroups({ outside }: Plan, step: InsideOp | OutsideOp, errno: string): Known | undefined {
  const cgroups = step.op === "makeCgroup" || step.op === "writeCgroup" || (step.op === "spawn" && step.cgroup !== "");
  const refused = errno === "EACCES" || errno === "EPERM" || errno === "EROFS";
  const rootless = outside.some((one) => one.op === "record" && (one.record as unknown as Record).rootless);
  if (!cgroups || !refused || !rootless) return undefined;
  return { code: "config", message: `${withoutPermission}: ${describe(step)}: ${errnoText(errno)}` };
}

/** The words by which engines tell 126 and 127 apart. */
function program(name: string, errno: string): string {
  const quoted = JSON.stringify(name);
  if (errno === "ENOENT" && !name.includes("/")) return `exec: ${quoted}: executable file not found in $PATH`;
  if (errno === "ENOENT") return `exec: ${quoted}: stat ${name}: no such file or directory`;
  if (errno === "ENOTDIR") return `exec: ${quoted}: stat ${name}: not a directory`;
  if (errno === "EACCES" || errno === "EPERM") return `exec: ${quoted}: permission denied`;
  if (errno === "EISDIR") return `exec: ${quoted}: is a directory`;
  return `exec: ${quoted}: ${errnoText(errno)}`;
}
