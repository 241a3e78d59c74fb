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
  steps.mounts.push(hierarchyMount(scene, words, pointer)("cgroup2", source, target, words.data));
}

/** A tmpfs with a directory for each hierarchy, named as on the host, and the links that the host has for shared ones. */
function hybrid(scene: Scene, target: string, words: MountWords, pointer: string, steps: MountSteps): void {
  steps.mounts.push({
    op: "mount",
    type: "tmpfs",
    target,
    attributes: NOSUID | NODEV | NOEXEC,
    options: ["mode=755"],
    ...(words.propagation === 0 ? {} : { propagation: words.propagation }),
    pointer,
  });
  const mountOf = hierarchyMount(scene, words, pointer);
  scene.facts.cgroup.hierarchies.forEach((hierarchy) => {
    const { controllers, mount, version } = hierarchy;
    const name = mount.slice(mount.lastIndexOf("/") + 1);
    const named = controllers[0]?.startsWith("name=") === true;
    const options = version === 2 ? words.data : named ? ["none", ...controllers] : [...controllers];
    // where the container has none of its own, it is in its caller's
    const source = scene.places.find((place) => place.hierarchy === hierarchy)?.directory ?? mount;
    steps.mounts.push(mountOf(version === 2 ? "cgroup2" : "cgroup", source, `${target}/${name}`, options));
    if (version === 1 && controllers.length > 1)
      for (const controller of controllers)
        steps.mounts.push({ op: "makeSymlink", path: `${target}/${controller}`, target: name, pointer });
  });
  if ((words.set & RDONLY) !== 0) steps.finish.push({ op: "setAttributes", path: target, set: RDONLY, pointer });
}

type MountOf = (type: string, source: string, target: string, options: string[]) => InsideOp;

/** How one hierarchy is shown: mounted anew in the container's own cgroup namespace, else as a bind of the container's directory. */
function hierarchyMount({ namespaces }: Scene, words: MountWords, pointer: string): MountOf {
  const attributes = words.set | words.setAll;
  const clear = words.clear & ~attributes;
  const propagation = words.propagation === 0 ? {} : { propagation: words.propagation };
  return namespaces.fresh.has("cgroup")
    ? (type, source, target, options) => ({
        op: "mount",
        type,
        target,
        attributes,
        options,
        pointer,
        ...propagation,
        // EPERM where the namespace is not ours to mount, EBUSY where others have mounted it with other options
        ...(type === "cgroup2" ? { instead: source } : {}),
      })
    : (_type, source, target) => ({ op: "bind", source, target, set: attributes, clear, pointer, ...propagation });
}
