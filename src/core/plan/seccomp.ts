import type { Seccomp, Syscall } from "../generated/config.js";
import type { SeccompProfile } from "../generated/plan.js";
import { lookup } from "../tables/lookup.js";
import { seccompActions, seccompArchitectures, seccompFlags, seccompOperators } from "../tables/seccomp.js";
import type { Inside, Situation } from "./request.js";

const EPERM = 1;
/** SECCOMP_FILTER_FLAG_TSYNC is about threads, and init has one. */
const withoutMeaning = new Set(["SECCOMP_FILTER_FLAG_TSYNC"]);

/** linux.seccomp as the step that loads it; none when there is no profile. */
export function planSeccomp({ config, request }: Situation): Inside {
  const seccomp = config.linux?.seccomp;
  if (seccomp === undefined) return [];
  return [{ op: "seccomp", profile: profile(seccomp), cache: `${request.root}/.seccomp`, pointer: "/linux/seccomp" }];
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
function flags({ flags: names }: Seccomp): number {
  return (names ?? ["SECCOMP_FILTER_FLAG_SPEC_ALLOW"])
    .filter((name) => !withoutMeaning.has(name))
    .reduce((bits, name) => bits | (lookup(seccompFlags, name) ?? 0), 0);
}
