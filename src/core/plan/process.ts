import { TsrunError } from "../error.js";
import type { Capabilities, Process } from "../generated/config.js";
import type { InsideLimit, InsideOp, OutsideLimit, OutsideOp } from "../generated/plan.js";
import { capabilities } from "../tables/capabilities.js";
import { lookup } from "../tables/lookup.js";
import { rlimits } from "../tables/rlimits.js";
import type { Namespaces } from "./namespaces.js";
import type { Inside, Outside, Request, Situation } from "./request.js";
import { notifies, planSeccomp } from "./seccomp.js";

/** What a process is planned from, of a new container or in one that runs. */
export interface ProcessScene extends Pick<Situation, "config" | "rare"> {
  readonly request: Pick<Request, "listenFds" | "nofile" | "root">;
  readonly namespaces: Pick<Namespaces, "user">;
  /** setgroups(2) is allowed. */
  readonly setgroups: boolean;
}

export function processOf({ config }: Pick<Situation, "config">): Process {
  if (config.process === undefined)
    throw new TsrunError("config", "config.json: /process: expected an object, found nothing", { pointer: "/process" });
  return config.process;
}

/**
 * Who the program is and where it stands; all that still needs privileges comes before they are given up. A new container gets its
 * working directory made where it is missing.
 */
export function planIdentity(situation: ProcessScene, make: boolean): Inside {
  const process = processOf(situation);
  const { uid = 0, gid = 0, umask = 0o022, additionalGids = [] } = process.user ?? {};
  if (!situation.setgroups && additionalGids.length > 0) {
    const pointer = "/process/user/additionalGids";
    throw new TsrunError("config", `cannot set any additional groups in a rootless container (${pointer})`, {
      pointer,
    });
  }
  const seccomp = planSeccomp(situation);
  const env = environment(situation);
  const sets = capabilitySets(process.capabilities);
  const home: Inside = env.some((entry) => entry.startsWith("HOME=")) ? [] : [{ op: "home", uid }];
  return [
    { op: "stdioOwner", uid, gid },
    { op: "workingDirectory", path: process.cwd, make, pointer: "/process/cwd" },
    ...home,
    { op: "umask", mask: umask, pointer: "/process/user/umask" },
    // before the user changes: who is not root may not set limits for a process of root, nor raise its own
    ...(situation.namespaces.user ? [] : planLimits(situation)),
    ...(situation.rare?.planPersonality(situation) ?? []),
    ...(process.noNewPrivileges === true
      ? [{ op: "noNewPrivileges", pointer: "/process/noNewPrivileges" } as const]
      : // without no_new_privs only a privileged task may load a filter
        seccomp),
    { op: "boundingSet", keep: sets.bounding, pointer: "/process/capabilities/bounding" },
    {
      op: "credentials",
      uid,
      gid,
      groups: [...additionalGids],
      setgroups: situation.setgroups,
      pointer: "/process/user",
    },
    {
      op: "capabilities",
      effective: sets.effective,
      permitted: sets.permitted,
      inheritable: sets.inheritable,
      ambient: sets.ambient,
      pointer: "/process/capabilities",
    },
    { op: "findProgram", args: [...(process.args ?? [])], env, pointer: "/process/args/0" },
    ...(process.noNewPrivileges === true && handsOver(situation) ? seccomp : []),
  ];
}

/** Before init is closed to its caller, or by root at any time. */
export function oomScoreAdj(situation: Situation): Outside {
  const value = processOf(situation).oomScoreAdj;
  const optional = situation.request.rootless === undefined ? {} : { optional: true };
  return value === undefined ? [] : [{ op: "oomScoreAdj", value, ...optional, pointer: "/process/oomScoreAdj" }];
}

/** The agent gets its descriptor while the container is created: where it does not listen, there is none. */
export function handsOver({ config }: Pick<Situation, "config">): boolean {
  return config.linux?.seccomp !== undefined && notifies(config.linux.seccomp);
}

/**
 * After the start: with no_new_privs the filter is loaded last, so that it need not allow what init itself still does. Hooks in the
 * container come after it all the same: what they run may be the image's.
 */
export function planExecution(situation: ProcessScene, hooks: Inside): Inside {
  const last: InsideOp = { op: "execute", pointer: "/process/args/0" };
  const late = processOf(situation).noNewPrivileges === true && !handsOver(situation);
  return late ? [...planSeccomp(situation), ...hooks, last] : [...hooks, last];
}

/** Of a variable that is given twice the last value counts; an empty HOME is none. */
function environment(situation: ProcessScene): string[] {
  const { env = [] } = processOf(situation);
  const { listenFds } = situation.request;
  const extra = listenFds === 0 ? [] : [`LISTEN_FDS=${listenFds}`, "LISTEN_PID=1"];
  const byName = new Map<string, string>();
  for (const entry of [...env, ...extra]) {
    const name = entry.slice(0, entry.indexOf("="));
    byName.delete(name);
    byName.set(name, entry);
  }
  if (byName.get("HOME") === "HOME=") byName.delete("HOME");
  return [...byName.values()];
}

/** Absent sets are empty sets. Ambient needs permitted and inheritable; the kernel would refuse the rest. */
function capabilitySets(asked: Capabilities = {}): Record<keyof Capabilities, number> {
  const mask = (names: readonly string[] = []): bigint =>
    names.reduce((bits, name) => {
      // a capability that this tsrun does not know cannot be granted; the specification asks for no more than a warning
      const number = lookup(capabilities, name);
      return number === undefined ? bits : bits | (1n << BigInt(number));
    }, 0n);
  const [permitted, inheritable] = [mask(asked.permitted), mask(asked.inheritable)];
  const sets = {
    bounding: mask(asked.bounding),
    // what is effective must be permitted
    effective: mask(asked.effective) & permitted,
    permitted,
    inheritable,
    ambient: mask(asked.ambient) & permitted & inheritable,
  };
  return {
    bounding: bits(sets.bounding),
    effective: bits(sets.effective),
    permitted: bits(sets.permitted),
    inheritable: bits(sets.inheritable),
    ambient: bits(sets.ambient),
  };
}

/** Capability numbers end at 40: the mask is an exact number. */
const bits = (mask: bigint): number => Number(mask);

/**
 * The process's limits and its share of processors and disks. By init itself; with a user namespace by the runtime, for only the initial
 * namespace's privilege raises a hard limit or a priority.
 */
export function planLimits(situation: ProcessScene): readonly (InsideOp & OutsideOp)[] {
  return [...resourceLimits(situation), ...(situation.rare?.planScheduling(processOf(situation)) ?? [])];
}

function resourceLimits(situation: ProcessScene): readonly (OutsideLimit & InsideLimit)[] {
  const { rlimits: asked = [] } = processOf(situation);
  const { nofile } = situation.request;
  const limits = asked.map(({ type, soft, hard }, index) => ({
    op: "limit" as const,
    resource: lookup(rlimits, type) ?? 0,
    soft: String(soft),
    hard: String(hard),
    pointer: `/process/rlimits/${index}`,
  }));
  const inherits = nofile !== undefined && !asked.some(({ type }) => type === "RLIMIT_NOFILE");
  return inherits
    ? [...limits, { op: "limit", resource: lookup(rlimits, "RLIMIT_NOFILE") ?? 7, soft: nofile, hard: "" }]
    : limits;
}
