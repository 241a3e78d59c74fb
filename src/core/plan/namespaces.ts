import type { Config } from "../generated/config.js";
import { TsrunError } from "../error.js";
import { namespaceFlags } from "../tables/namespaces.js";
import { isPlain, planMappings } from "./mappings.js";
import { oomScoreAdj } from "./process.js";
import type { Inside, Outside, Scene, Situation } from "./request.js";

/** linux.namespaces, sorted by what has to be done. */
export interface Namespaces {
  /** Types that are made anew. */
  readonly fresh: ReadonlySet<string>;
  readonly joined: ReadonlyMap<string, { readonly path: string; readonly pointer: string }>;
  /** A namespace takes effect on children only, so that init goes on in a child. */
  readonly fork: boolean;
  /** The container has a user namespace other than the runtime's. */
  readonly user: boolean;
}

export function namespacesOf(config: Config): Namespaces {
  const fresh = new Set<string>();
  const joined = new Map<string, { path: string; pointer: string }>();
  (config.linux?.namespaces ?? []).forEach(({ type, path }, index) => {
    if (path === undefined || path === "") fresh.add(type);
    else joined.set(type, { path, pointer: `/linux/namespaces/${index}/path` });
  });
  const user = fresh.has("user") || joined.has("user");
  const fork = joined.has("pid") || fresh.has("time") || joined.has("time") || (user && fresh.has("pid"));
  return { fresh, joined, fork, user };
}

/** A mount namespace is there for the container, new or another's. */
export function hasMountNamespace({ fresh, joined }: Namespaces): boolean {
  return fresh.has("mount") || joined.has("mount");
}

const flag = (type: string): number => namespaceFlags[type] ?? 0;
export const flagsOf = (types: readonly string[]): number => types.reduce((flags, type) => flags + flag(type), 0);

/**
 * Flags for clone3: a pid namespace takes effect on children. All others init enters by itself, beside what the runtime does
 * meanwhile: making a network namespace alone takes as long as making all cgroups. With a user namespace, or where init forks once
 * more, the pid namespace belongs to that fork.
 */
export function cloneFlags({ fresh, user, fork }: Namespaces): number {
  return fresh.has("pid") && !user && !fork ? flag("pid") : 0;
}

/** Joins, unshares and forks, from the host's view into the container's. */
export function enterNamespaces(scene: Scene): Inside {
  const { namespaces } = scene;
  const { fresh } = namespaces;
  const plain = isPlain(scene);
  const sysctl = Object.keys(scene.config.linux?.sysctl ?? {}).length > 0;
  if (plain && !namespaces.user)
    throw new TsrunError(
      "config",
      "config.json: /linux/namespaces: expected a namespace of type user, without which only root can make containers",
      { pointer: "/linux/namespaces" },
    );
  const cloned = cloneFlags(namespaces);
  // the root of a cgroup namespace is where its maker is: late cgroups, late namespace
  const left = [...fresh].filter(
    (type) => type !== "user" && (flag(type) & cloned) === 0 && !(type === "cgroup" && scene.lateCgroups),
  );
  return [
    ...(plain ? [] : joins(namespaces, sysctl)),
    ...enterUser(namespaces, plain),
    // who is no root has power over no other namespace before
    ...(plain ? joins(namespaces, sysctl) : []),
    ...(left.length > 0 ? [{ op: "unshare", namespaces: flagsOf(left), pointer: "/linux/namespaces" } as const] : []),
    ...(timeOffsets(scene) === "" ? [] : meetOpenly("time namespace", plain)),
    ...(namespaces.fork ? [{ op: "fork" } as const] : []),
    { op: "newSession" },
    ...(scene.request.noNewKeyring ? [] : [{ op: "keyring", name: `_ses.${scene.request.id}` } as const]),
    ...(fresh.has("network") ? [{ op: "loopbackUp" } as const] : []),
  ];
}

/**
 * Root of the host may join namespaces of any owner, so the user namespace comes last but one; the mount namespace last, for
 * afterwards the paths of the host mean nothing.
 */
function joins({ joined }: Namespaces, hasSysctl: boolean): Inside {
  const order = ["network", "ipc", "uts", "cgroup", "pid", "time", "mount"];
  return order.flatMap((type) => {
    const found = joined.get(type);
    if (found === undefined) return [];
    const file = hasSysctl ? parameterFiles[type] : undefined;
    const unlike = file === undefined ? {} : { unlike: `/proc/self/ns/${file}` };
    return [{ op: "joinNamespace" as const, type: flag(type), path: found.path, ...unlike, pointer: found.pointer }];
  });
}

/** Namespaces with parameters (linux.sysctl), by their files: to set those of the runtime's own would be to set the machine's. */
const parameterFiles: Readonly<Record<string, string>> = { network: "net", ipc: "ipc", uts: "uts" };

function enterUser({ fresh, joined }: Namespaces, plain: boolean): Inside {
  const found = joined.get("user");
  if (found !== undefined)
    return [
      { op: "joinNamespace", type: flag("user"), path: found.path, pointer: found.pointer },
      { op: "becomeRoot" },
    ];
  if (!fresh.has("user")) return [];
  return [
    { op: "unshare", namespaces: flag("user"), pointer: "/linux/namespaces" },
    ...meetOpenly("user namespace", plain),
    { op: "becomeRoot" },
  ];
}

/** A meeting at which the runtime writes to /proc/PID of init, which a runtime that is no root can only while init is dumpable. */
function meetOpenly(point: string, plain: boolean): Inside {
  const meet = { op: "meet", point } as const;
  return plain ? [{ op: "dumpable", on: true }, meet, { op: "dumpable", on: false }] : [meet];
}

/** What the runtime does while init waits in its new user or time namespace. */
export function meetNamespaces(scene: Scene): Outside {
  const { namespaces } = scene;
  const offsets = timeOffsets(scene);
  return [
    ...(namespaces.fresh.has("user")
      ? ([
          { op: "await", point: "user namespace" },
          ...planMappings(scene),
          ...(isPlain(scene) ? oomScoreAdj(scene) : []),
          { op: "proceed" },
        ] as const)
      : []),
    ...(offsets === ""
      ? []
      : ([
          { op: "await", point: "time namespace" },
          { op: "writeMapping", file: "timens_offsets", text: offsets, pointer: "/linux/timeOffsets" },
          { op: "proceed" },
        ] as const)),
  ];
}

/** time_namespaces(7): a line for each clock, before the first process enters. */
function timeOffsets({ config }: Situation): string {
  const { monotonic, boottime } = config.linux?.timeOffsets ?? {};
  const line = (clock: string, offset: typeof monotonic): string =>
    offset === undefined ? "" : `${clock} ${offset.secs ?? 0} ${offset.nanosecs ?? 0}\n`;
  return line("monotonic", monotonic) + line("boottime", boottime);
}
