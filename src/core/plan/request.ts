import type { Facts } from "../door.js";
import type { Config } from "../generated/config.js";
import type { InsideOp, OutsideOp } from "../generated/plan.js";
import type { CgroupPlace } from "./cgroup.js";
import type { Namespaces } from "./namespaces.js";
import type * as rare from "./rare.js";

/** What is asked of a new container beside its config.json: ids, absolute paths, and what the command line says. */
export interface Request {
  readonly id: string;
  /** Absolute path of the bundle. */
  readonly bundle: string;
  /** Absolute path of the root file system. */
  readonly rootfs: string;
  /** The container's directory below the state root. */
  readonly directory: string;
  /** State root. */
  readonly root: string;
  /** Who starts the container: a later `start` over its socket, or this very call. */
  readonly start: "later" | "now";
  readonly pidFile?: string;
  readonly consoleSocket?: string;
  /** Gets a pidfd of init. */
  readonly pidfdSocket?: string;
  /** The terminal is relayed by this call, in the foreground. */
  readonly foreground: boolean;
  readonly noPivot: boolean;
  readonly noNewKeyring: boolean;
  /** Descriptors from 3 on that the program keeps: --preserve-fds and LISTEN_FDS. */
  readonly preserve: number;
  /** LISTEN_FDS of the program; 0: none. */
  readonly listenFds: number;
  /** Soft RLIMIT_NOFILE of the caller, where the runtime itself runs with another. */
  readonly nofile?: string;
  readonly cgroups: "cgroupfs" | "systemd" | "disabled";
  /** RFC 3339. */
  readonly created: string;
  /** Effective uid of the caller. */
  readonly owner: number;
  /** There when the caller is not root of the machine, or says so. */
  readonly rootless?: Rootless;
}

export interface Rootless {
  /** Effective gid of the caller. */
  readonly group: number;
  /** The runtime runs in a user namespace, of which it may be root. */
  readonly nested: boolean;
}

/** The planners of rare fields. */
export type Rare = typeof rare;

/** All that planning looks at. */
export interface Situation {
  readonly config: Config;
  readonly facts: Facts;
  readonly request: Request;
  /** There when the configuration has any of their fields. */
  readonly rare?: Rare;
  /** With the systemd driver. */
  readonly unit?: Unit;
}

/** The scope of systemd that a container is. */
export interface Unit {
  /** Where the socket of the bus is; @ and a name: abstract. */
  readonly bus: string;
  readonly unit: string;
  /** Path of its cgroup in every hierarchy. */
  readonly path: string;
  /** The step that starts it, with what the writes to its cgroup's files ask for. */
  readonly start: (writes: readonly OutsideOp[]) => OutsideOp;
}

/** A situation with what every part of the plan derives from it. */
export interface Scene extends Situation {
  readonly namespaces: Namespaces;
  readonly places: readonly CgroupPlace[];
  /** setgroups(2) is allowed. */
  readonly setgroups: boolean;
  /**
   * init joins its cgroups while it mounts, so that the runtime makes them beside the making of namespaces. Not in a user namespace,
   * where they may not be joined any more, nor in another's mount namespace, where their paths mean nothing.
   */
  readonly lateCgroups: boolean;
}

export type Inside = readonly InsideOp[];
export type Outside = readonly OutsideOp[];
