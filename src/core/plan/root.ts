import { propagationFlags } from "../tables/mount-options.js";
import { hasMountNamespace } from "./namespaces.js";
import type { Inside, Scene, Situation } from "./request.js";

const { REC, SLAVE, SHARED, PRIVATE, UNBINDABLE } = propagationFlags;

const propagations: Readonly<Record<string, number>> = {
  private: PRIVATE,
  rprivate: PRIVATE | REC,
  shared: SHARED,
  rshared: SHARED | REC,
  slave: SLAVE,
  rslave: SLAVE | REC,
  unbindable: UNBINDABLE,
  runbindable: UNBINDABLE | REC,
};

/**
 * The root file system becomes a mount of its own. Nothing that is mounted from here on may reach the host, so the whole tree is a
 * slave of the host's, or private where that is asked for.
 */
export function openRoot({ config, request, namespaces }: Scene): Inside {
  const isolated = hasMountNamespace(namespaces);
  const asked = propagations[config.linux?.rootfsPropagation ?? ""] ?? 0;
  const flags = (asked & PRIVATE) === 0 ? SLAVE | REC : PRIVATE | REC;
  return [
    ...(isolated ? [{ op: "propagation", path: "/", flags } as const] : []),
    { op: "openRoot", path: request.rootfs, bind: isolated, pointer: "/root/path" },
  ];
}

export function enterRoot({ config, request, namespaces }: Scene): Inside {
  const isolated = hasMountNamespace(namespaces);
  const method = isolated ? (request.noPivot ? "move" : "pivot") : "change";
  // shared and unbindable would have kept the tree from being entered, so that they come now
  const flags = propagations[config.linux?.rootfsPropagation ?? ""] ?? 0;
  return [
    { op: "enterRoot", method },
    ...(isolated && flags !== 0
      ? [{ op: "rootPropagation", flags, pointer: "/linux/rootfsPropagation" } as const]
      : []),
  ];
}

/** Before the root is entered: its descriptor is its mount. */
export function readonlyRoot({ config }: Situation): Inside {
  return config.root?.readonly === true ? [{ op: "setAttributes", path: "/", set: 1, pointer: "/root/readonly" }] : [];
}
