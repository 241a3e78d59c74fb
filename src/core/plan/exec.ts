import type { ProcessId } from "../door.js";
import type { InsideOp, OutsideOp, Plan } from "../generated/plan.js";
import { flagsOf, hasMountNamespace, type Namespaces } from "./namespaces.js";
import { handsOver, planExecution, planIdentity, planLimits, processOf, type ProcessScene } from "./process.js";
import type { Record } from "./record.js";
import type { Inside, Request } from "./request.js";
import { allowsCalls } from "./seccomp.js";
import { openTerminal, takeTerminal } from "./terminal.js";

/** A new process in a container that runs. `config` is the container's, but for `process`, which is the new one. */
export interface ExecScene extends ProcessScene {
  readonly request: Pick<
    Request,
    "consoleSocket" | "pidfdSocket" | "listenFds" | "nofile" | "pidFile" | "preserve" | "root"
  >;
  readonly namespaces: Namespaces;
  readonly record: Record;
  /** The container's first process, whose namespaces are joined. */
  readonly init: ProcessId;
  /** The cgroups of the new process. */
  readonly cgroups: Record["cgroups"];
  /** They are the container's own: where one cannot be entered any more, that of init will do. */
  readonly ownCgroups: boolean;
}

/** All that exec will do, in order. */
export function planExec(scene: ExecScene): Plan {
  return { version: 1, outside: planOutside(scene), inside: planInside(scene) };
}

/**
 * The pid namespace takes effect on a child only, and it comes last: what the container can see of the new process, and trace if it has the
 * capability, has no more rights than the program will have.
 */
function planInside(scene: ExecScene): InsideOp[] {
  const identity = planIdentity(scene, false);
  const late = forkIndex(scene, identity);
  return [
    ...joinCgroups(scene),
    ...joinProcess(scene),
    ...(scene.record.keyring === true ? [{ op: "keyring", name: `_ses.${scene.record.id}` } as const] : []),
    ...openRoot(scene),
    ...openTerminal(scene, false),
    ...identity.slice(0, late),
    ...(hasPidNamespace(scene) ? [{ op: "fork" } as const] : []),
    { op: "newSession" },
    ...takeTerminal(scene),
    ...identity.slice(late),
    { op: "meet", point: "ready" },
    ...planExecution(scene, []),
  ];
}

function hasPidNamespace({ namespaces: { fresh, joined } }: ExecScene): boolean {
  return fresh.has("pid") || joined.has("pid");
}

/** As late as can be: a scheduler may not survive a fork, a filter may forbid it, and who has its listener must stay to hand it over. */
function forkIndex({ config }: ExecScene, identity: Inside): number {
  const allowed = allowsCalls(config.linux?.seccomp, ["clone", "setsid"]) && !handsOver({ config });
  const index = identity.findIndex(({ op }) => op === "scheduler" || (op === "seccomp" && !allowed));
  return index < 0 ? identity.length : index;
}

/** v1: by a write to `tasks`; a cgroup v2 is entered at birth. */
function joinCgroups({ cgroups }: ExecScene): Inside {
  return cgroups
    .filter(({ version }) => version === 1)
    .map(({ directory }) => ({ op: "joinCgroup", path: `${directory}/tasks` }));
}

/**
 * The rest is joined only where the container has one: a pid namespace would need a child, the kernel may lack time namespaces, and it
 * refuses a user namespace that one is in already.
 */
const anybodys = ["cgroup", "ipc", "mount", "network", "uts"];

function joinProcess({ init, namespaces }: ExecScene): Inside {
  const own = [...namespaces.fresh, ...namespaces.joined.keys()];
  const others = anybodys.filter((type) => !own.includes(type));
  return [
    { op: "joinProcess", ...init, namespaces: flagsOf(own), others: flagsOf(others) },
    ...(namespaces.user ? [{ op: "becomeRoot" } as const] : []),
  ];
}

/** To be in a mount namespace is to be in its root. */
function openRoot({ namespaces, record }: ExecScene): Inside {
  if (hasMountNamespace(namespaces)) return [{ op: "openRoot", path: "/", bind: false }];
  return [
    { op: "openRoot", path: record.rootfs, bind: false },
    { op: "enterRoot", method: "change" },
  ];
}

function planOutside(scene: ExecScene): OutsideOp[] {
  const { request, namespaces, init, cgroups, ownCgroups, record } = scene;
  const adjust = processOf(scene).oomScoreAdj;
  const unified = cgroups.find(({ version }) => version === 2)?.directory ?? "";
  // on a hybrid host the cgroup that counts is of v1
  const near = ownCgroups || cgroups.length > 1 ? init.pid : 0;
  return [
    { op: "spawn", namespaces: 0, cgroup: unified, preserve: request.preserve, near },
    ...(scene.rare?.planListener(scene.config.linux?.seccomp, { ...record, status: "running", pid: init.pid }) ?? []),
    { op: "await", point: "ready" },
    ...(adjust === undefined ? [] : [{ op: "oomScoreAdj", value: adjust, pointer: "/process/oomScoreAdj" } as const]),
    ...(namespaces.user ? planLimits(scene) : []),
    ...(request.consoleSocket === undefined ? [] : [{ op: "sendTerminal", path: request.consoleSocket } as const]),
    ...(request.pidfdSocket === undefined
      ? []
      : [{ op: "sendPidfd", path: request.pidfdSocket, kind: "setns" } as const]),
    { op: "proceed" },
    { op: "awaitExecution" },
    // callers take a pid file for success
    ...(request.pidFile === undefined ? [] : [{ op: "writePid", path: request.pidFile } as const]),
  ];
}
