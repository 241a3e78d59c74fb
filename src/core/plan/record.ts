import type { Hook } from "../generated/config.js";
import { freezerFile } from "./cgroup.js";
import type { Scene } from "./request.js";

/** What tsrun remembers of a container: `state.json` in its directory below the state root. */
export interface Record {
  readonly version: 1;
  readonly ociVersion: string;
  readonly id: string;
  readonly bundle: string;
  readonly rootfs: string;
  /** RFC 3339. */
  readonly created: string;
  /** Uid of the caller. */
  readonly owner: number;
  /** The caller was not root of the machine. */
  readonly rootless: boolean;
  /** setgroups(2) is allowed in the container. */
  readonly setgroups: boolean;
  readonly annotations: Readonly<{ [key: string]: string }>;
  readonly cgroups: readonly { readonly directory: string; readonly version: number }[];
  /** File that tells whether the container is paused; empty: none. */
  readonly freezer: string;
  /** With the first process of a pid namespace of its own, all others die. */
  readonly ownPidNamespace: boolean;
  /** args[0] of the program. */
  readonly program: string;
  /** It has a session keyring of its own. */
  readonly keyring?: boolean;
  /** The unit of systemd that it is, and the socket of that systemd's bus. */
  readonly systemd?: { readonly bus: string; readonly unit: string };
  readonly hooks: {
    /** Their paths, for the sentence when one fails: init has the rest. */
    readonly startContainer: readonly string[];
    readonly poststart: readonly Hook[];
    readonly poststop: readonly Hook[];
  };
  /** A pidfd may be mounted on {@link pinOf} its directory: it tells the exit status after the end. */
  readonly pinned: boolean;
  /** Of the program, where somebody was there to see its end. */
  readonly exitStatus?: number;
  /** Of init, once it is ready. */
  readonly pid?: number;
  readonly startTime?: number;
}

export function pinOf(directory: string): string {
  return `${directory}/exit`;
}

/** Words that callers know. */
export const withoutPermission =
  "unable to apply cgroup configuration: rootless needs no limits + no cgrouppath when no permission is granted for cgroups";

export function recordOf({ config, request, places, namespaces, setgroups, unit }: Scene): Record {
  return {
    version: 1,
    ociVersion: config.ociVersion,
    id: request.id,
    bundle: request.bundle,
    rootfs: request.rootfs,
    created: request.created,
    owner: request.owner,
    rootless: request.rootless !== undefined,
    setgroups,
    annotations: config.annotations ?? {},
    cgroups: places.map(({ directory, hierarchy }) => ({ directory, version: hierarchy.version })),
    freezer: freezerFile(places),
    ownPidNamespace: namespaces.fresh.has("pid"),
    program: config.process?.args?.[0] ?? "",
    keyring: !request.noNewKeyring,
    pinned: !request.foreground,
    ...(unit === undefined ? {} : { systemd: { bus: unit.bus, unit: unit.unit } }),
    hooks: {
      startContainer: (config.hooks?.startContainer ?? []).map(({ path }) => path),
      poststart: config.hooks?.poststart ?? [],
      poststop: config.hooks?.poststop ?? [],
    },
  };
}
