import type { Mount } from "../generated/config.js";
import type { InsideOp } from "../generated/plan.js";
import { mountAttributes } from "../tables/mount-options.js";
import type { CgroupPlace } from "./cgroup.js";
import { type MountWords, type Steps, absolute } from "./mounts.js";
import type { Situation } from "./request.js";

const { RDONLY, NOSUID, NODEV, NOEXEC } = mountAttributes;

interface CgroupMount {
  readonly situation: Situation;
  readonly mount: Mount;
  readonly words: MountWords;
  readonly places: readonly CgroupPlace[];
  readonly pointer: string;
  readonly ownNamespace: boolean;
}

/**
 * A mount of type cgroup shows the container its own cgroups. With a cgroup namespace they are mounted anew; without one the
 * container's own directories are bound, for a new mount would show the host's.
 */
export function cgroupMount(asked: CgroupMount): Steps {
  const { facts } = asked.situation;
  const v1 = facts.cgroup.hierarchies.some(({ version }) => version === 1);
  return v1 ? hybrid(asked) : unified(asked);
}

function unified({ mount, words, places, pointer, ownNamespace, situation }: CgroupMount): Steps {
  const target = absolute(mount.destination);
  const [place] = places;
  const source = place?.directory ?? situation.facts.cgroup.hierarchies[0]?.mount ?? "/sys/fs/cgroup";
  return {
    mounts: [hierarchyMount({ target, source, words, pointer, ownNamespace, type: "cgroup2", options: [] })],
    finish: [],
  };
}

/** A tmpfs with a directory for each hierarchy, named as on the host, and the links that the host has for shared ones. */
function hybrid({ situation, mount, words, places, pointer, ownNamespace }: CgroupMount): Steps {
  const target = absolute(mount.destination);
  const mounts: InsideOp[] = [
    {
      op: "mount",
      type: "tmpfs",
      source: "tmpfs",
      target,
      attributes: NOSUID | NODEV | NOEXEC,
      options: ["mode=755"],
      propagation: words.propagation,
      ordinary: false,
      belowProc: false,
      pointer,
    },
  ];
  for (const hierarchy of situation.facts.cgroup.hierarchies) {
    const name = hierarchy.mount.slice(hierarchy.mount.lastIndexOf("/") + 1);
    const place = places.find((one) => one.hierarchy === hierarchy);
    const options = hierarchy.controllers.flatMap((one) => (one.startsWith("name=") ? ["none", one] : [one]));
    mounts.push(
      hierarchyMount({
        target: `${target}/${name}`,
        source: place?.directory ?? hierarchy.mount,
        words,
        pointer,
        ownNamespace,
        type: hierarchy.version === 2 ? "cgroup2" : "cgroup",
        options: hierarchy.version === 2 ? [] : options,
      }),
    );
    for (const controller of hierarchy.version === 1 ? hierarchy.controllers : [])
      if (controller !== name && !controller.startsWith("name="))
        mounts.push({ op: "makeSymlink", path: `${target}/${controller}`, target: name, pointer });
  }
  const finish: InsideOp[] =
    (words.set & RDONLY) === 0
      ? []
      : [{ op: "setAttributes", path: target, set: RDONLY, clear: 0, recursive: false, pointer }];
  return { mounts, finish };
}

interface HierarchyMount {
  readonly target: string;
  readonly source: string;
  readonly words: MountWords;
  readonly pointer: string;
  readonly ownNamespace: boolean;
  readonly type: string;
  readonly options: readonly string[];
}

function hierarchyMount({ target, source, words, pointer, ownNamespace, type, options }: HierarchyMount): InsideOp {
  const attributes = words.set | words.setAll;
  if (ownNamespace)
    return {
      op: "mount",
      type,
      source: type,
      target,
      attributes,
      options: [...options],
      propagation: words.propagation,
      ordinary: false,
      belowProc: false,
      pointer,
    };
  return {
    op: "bind",
    source,
    target,
    recursive: false,
    set: attributes,
    clear: words.clear & ~attributes,
    setAll: 0,
    clearAll: 0,
    belowProc: false,
    propagation: words.propagation,
    pointer,
  };
}
