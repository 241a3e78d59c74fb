import type { Seccomp, Syscall } from "../generated/config.js";
import type { SeccompProfile } from "../generated/plan.js";
import { lookup } from "../tables/lookup.js";
import { seccompActions, seccompArchitectures, seccompFlags, seccompOperators } from "../tables/seccomp.js";
import type { ProcessScene } from "./process.js";
import type { Inside } from "./request.js";

const EPERM = 1;
/** SECCOMP_FILTER_FLAG_TSYNC is about threads, and init has one. */
const withoutMeaning = new Set(["SECCOMP_FILTER_FLAG_TSYNC"]);
/** How the agent is waited for; the kernel refuses it where there is none. */
const killable = "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV";
/** SECCOMP_FILTER_FLAG_NEW_LISTENER of linux/seccomp.h. */
const newListener = 0x08;

/** Whether system calls are handed to an agent (SCMP_ACT_NOTIFY). */
export function notifies({ syscalls = [] }: Seccomp): boolean {
  return syscalls.some(({ action }) => action === "SCMP_ACT_NOTIFY");
}

/** linux.seccomp as the step that loads it; none when there is no profile. */
export function planSeccomp({ config, request }: ProcessScene): Inside {
  const seccomp = config.linux?.seccomp;
  if (seccomp === undefined) return [];
  return [{ op: "seccomp", profile: profile(seccomp), cache: `${request.root}/.seccomp`, pointer: "/linux/seccomp" }];
}

/** Whether a process with this filter may make these system calls, as far as their names tell. */
export function allowsCalls(seccomp: Seccomp | undefined, calls: readonly string[]): boolean {
  if (seccomp === undefined) return true;
  const { defaultAction, syscalls = [] } = seccomp;
  return calls.every((call) => {
    const rules = syscalls.filter(({ names }) => names.includes(call));
    const allowed = rules.some(({ action: name }) => name === "SCMP_ACT_ALLOW" || name === "SCMP_ACT_LOG");
    return allowed || (rules.length === 0 && (defaultAction === "SCMP_ACT_ALLOW" || defaultAction === "SCMP_ACT_LOG"));
  });
}

function profile(seccomp: Seccomp): SeccompProfile {
  return {
    defaultAction: action(seccomp.defaultAction, seccomp.defaultErrnoRet),
    architectures: (seccomp.architectures ?? []).map((name) => lookup(seccompArchitectures, name) ?? 0),
    flags: flags(seccomp),
    rules: (seccomp.syscalls ?? []).map(rule),
  };
}

function rule({ names, action: name, errnoRet, args = [] }: Syscall): SeccompProfile["rules"][number] {
  return {
    action: action(name, errnoRet),
    names: [...names],
    args: args.map(({ index, op, value, valueTwo = 0 }) => ({
      index,
      op: lookup(seccompOperators, op) ?? 0,
      value: String(value),
      valueTwo: String(valueTwo),
    })),
  };
}

/** ERRNO and TRACE carry errnoRet in their low half, EPERM where the profile names none. */
function action(name: string, errnoRet: number | undefined): number {
  const number = lookup(seccompActions, name) ?? 0;
  const carries = name === "SCMP_ACT_ERRNO" || name === "SCMP_ACT_TRACE";
  return carries ? number + (errnoRet ?? EPERM) : number;
}

/** A profile without flags leaves speculation alone, as runc does: the mitigation costs every program in the container time. */
function flags(seccomp: Seccomp): number {
  const listens = notifies(seccomp);
  return (seccomp.flags ?? ["SECCOMP_FILTER_FLAG_SPEC_ALLOW"])
    .filter((name) => !withoutMeaning.has(name) && (listens || name !== killable))
    .reduce((bits, name) => bits | (lookup(seccompFlags, name) ?? 0), listens ? newListener : 0);
}
