import type { Mount } from "../generated/config.js";
import type { InsideOp } from "../generated/plan.js";
import { mountAttributes } from "../tables/mount-options.js";
import { type MountSteps, type MountWords, absolute } from "./mounts.js";
import type { Scene } from "./request.js";

const { RDONLY, NOSUID, NODEV, NOEXEC } = mountAttributes;

/**
 * A mount of type cgroup shows the container its own cgroups. With a cgroup namespace they are mounted anew; without one the
 * container's own directories are bound, for a new mount would show the host's.
 */
export function cgroupMount(scene: Scene, mount: Mount, words: MountWords, pointer: string, steps: MountSteps): void {
  const target = absolute(mount.destination);
  const { hierarchies } = scene.facts.cgroup;
  if (hierarchies.some(({ version }) => version === 1)) {
    hybrid(scene, target, words, pointer, steps);
    return;
  }
  const source = scene.places[0]?.directory ?? hierarchies[0]?.mount ?? "/sys/fs/cgroup";
  steps.mounts.push(hierarchyMount({ scene, target, source, words, pointer, type: "cgroup2", options: [] }));
}

/** A tmpfs with a directory for each hierarchy, named as on the host, and the links that the host has for shared ones. */
function hybrid(scene: Scene, target: string, words: MountWords, pointer: string, steps: MountSteps): void {
  steps.mounts.push({
    op: "mount",
    type: "tmpfs",
    source: "tmpfs",
    target,
    attributes: NOSUID | NODEV | NOEXEC,
    options: ["mode=755"],
    propagation: words.propagation,
    pointer,
  });
  for (const hierarchy of scene.facts.cgroup.hierarchies) {
    const { controllers, mount, version } = hierarchy;
    const name = mount.slice(mount.lastIndexOf("/") + 1);
    const named = controllers[0]?.startsWith("name=") === true;
    steps.mounts.push(
      hierarchyMount({
        scene,
        target: `${target}/${name}`,
        source: scene.places.find((place) => place.hierarchy === hierarchy)?.directory ?? mount,
        words,
        pointer,
        type: version === 2 ? "cgroup2" : "cgroup",
        options: version === 2 ? [] : named ? ["none", ...controllers] : [...controllers],
      }),
    );
    if (version === 1 && controllers.length > 1)
      for (const controller of controllers)
        steps.mounts.push({ op: "makeSymlink", path: `${target}/${controller}`, target: name, pointer });
  }
  if ((words.set & RDONLY) !== 0) steps.finish.push({ op: "setAttributes", path: target, set: RDONLY, pointer });
}

interface HierarchyMount {
  readonly scene: Scene;
  readonly target: string;
  readonly source: string;
  readonly words: MountWords;
  readonly pointer: string;
  readonly type: string;
  readonly options: string[];
}

function hierarchyMount({ scene, target, source, words, pointer, type, options }: HierarchyMount): InsideOp {
  const attributes = words.set | words.setAll;
  const { propagation } = words;
  if (scene.namespaces.fresh.has("cgroup"))
    return {
      op: "mount",
      type,
      source: type,
      target,
      attributes,
      options,
      propagation,
      pointer,
    };
  return {
    op: "bind",
    source,
    target,
    set: attributes,
    clear: words.clear & ~attributes,
    propagation,
    pointer,
  };
}
