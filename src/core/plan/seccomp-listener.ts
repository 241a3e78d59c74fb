import type { Seccomp } from "../generated/config.js";
import type { OutsideOp } from "../generated/plan.js";
import { notifies } from "./seccomp.js";

/** Of the container that the filtered process belongs to, as the agent is told (config-linux.md, "containerProcessState"). */
export interface AgentState {
  readonly ociVersion: string;
  readonly id: string;
  readonly status: string;
  readonly bundle: string;
  readonly annotations: Readonly<{ [key: string]: string }>;
  /** Of the container's first process; absent: that is the filtered process itself, whose pid the door knows. */
  readonly pid?: number;
}

/**
 * What the runtime does when the filter is loaded: it fetches the descriptor on which the kernel asks, and gives it to the agent.
 * From then on system calls of init may wait for the agent's answer, so that this comes before anything else is awaited of init,
 * and the step that loads the filter before init's last meet: the descriptor closes with execve.
 */
export function planListener(seccomp: Seccomp | undefined, of: AgentState): readonly OutsideOp[] {
  if (seccomp === undefined || !notifies(seccomp)) return [];
  const { ociVersion, id, status, bundle, annotations } = of;
  const { listenerPath: path = "", listenerMetadata: metadata = "" } = seccomp;
  return [
    {
      op: "sendListener",
      path,
      metadata,
      ociVersion,
      state: JSON.stringify({ ociVersion, id, status, bundle, annotations }),
      pid: of.pid ?? 0,
      pointer: "/linux/seccomp/listenerPath",
    },
  ];
}
