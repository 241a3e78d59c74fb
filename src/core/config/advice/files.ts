import type { Config, Mount } from "../../generated/config.js";
import type { AdviceRule, Place } from "./rule.js";

/** What a procfs and a sysfs tell or do for the whole host. */
const masks = ["/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/acpi", "/proc/scsi", "/sys/firmware"];
const readonlys = ["/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus", "/proc/fs"];

/** Places of the host that give away all of it. */
const keys = [
  ...["/", "/boot", "/dev", "/etc", "/lib/modules", "/proc", "/root", "/sys", "/usr", "/var", "/var/lib"],
  ...["/run", "/var/run", "/run/docker.sock", "/var/run/docker.sock", "/run/containerd", "/run/podman/podman.sock"],
  ...["/run/containerd/containerd.sock", "/run/crio/crio.sock", "/run/systemd", "/run/dbus"],
];

export const fileRules: readonly AdviceRule[] = [
  {
    severity: "high",
    reason: "who has % of the host can become root of the host",
    remedy: "bind only what the program needs, read-only",
    find: ({ mounts }) =>
      places(mounts, "source", (mount) => isBind(mount) && keys.includes(trimmed(mount.source ?? "")), "source"),
  },
  {
    severity: "medium",
    reason: "% can be read inside, and tell of the whole host",
    remedy: "add them to /linux/maskedPaths",
    find: ({ mounts, linux }) => missing(masks, "/linux/maskedPaths", mounts, linux?.maskedPaths),
  },
  {
    severity: "high",
    reason: "% can be written inside, and act on the whole host",
    remedy: "add them to /linux/readonlyPaths",
    find: ({ mounts, linux }) =>
      missing(readonlys, "/linux/readonlyPaths", mounts, (linux?.readonlyPaths ?? []).concat(linux?.maskedPaths ?? [])),
  },
  {
    severity: "medium",
    reason: "a sysfs that can be written changes devices and modules of the host",
    remedy: 'add the option "ro"',
    find: ({ mounts }) => places(mounts, "options", (mount) => mount.type === "sysfs" && !isReadonly(mount)),
  },
  {
    severity: "medium",
    reason: "a program that writes its own cgroup lifts its limits",
    remedy: 'add the option "ro"',
    find: ({ mounts, linux }) =>
      linux?.namespaces?.some(({ type }) => type === "user") === true
        ? []
        : places(mounts, "options", (mount) => mount.type === "cgroup" && !isReadonly(mount)),
  },
  {
    severity: "medium",
    reason: "mounts that are made inside appear outside",
    remedy: 'use "rslave" or "rprivate"',
    find: ({ mounts }) => places(mounts, "options", ({ options = [] }) => /\br?shared\b/.test(options.join())),
  },
  {
    severity: "low",
    reason: "the root of the container can be written: whoever breaks in can stay",
    remedy: "set it to true, and mount a tmpfs or a volume where the program writes",
    find: ({ root }) => (root?.readonly === true ? [] : ["/root/readonly"]),
  },
  {
    severity: "low",
    reason: "relative destinations are deprecated",
    remedy: "begin it with a slash",
    find: ({ mounts }) => places(mounts, "destination", ({ destination }) => !destination.startsWith("/")),
  },
  {
    severity: "low",
    reason: "runtimes that do not know mappings of mounts ignore them without a word",
    remedy: 'add the option "idmap" or "ridmap", which they refuse',
    find: ({ mounts }) =>
      places(
        mounts,
        "uidMappings",
        ({ uidMappings = [], options = [] }) => uidMappings.length > 0 && !/\br?idmap\b/.test(options.join()),
      ),
  },
];

const isBind = ({ options = [] }: Mount): boolean => options.includes("bind") || options.includes("rbind");
const isReadonly = ({ options = [] }: Mount): boolean => options.includes("ro") || options.includes("rro");
const trimmed = (path: string): string => path.replace(/(?<=.)\/+$/, "");

function places(
  mounts: Config["mounts"],
  member: string,
  wanted: (mount: Mount) => boolean,
  about?: "source",
): readonly Place[] {
  return (mounts ?? []).flatMap((mount, index): readonly Place[] => {
    if (!wanted(mount)) return [];
    const pointer = `/mounts/${index}/${member}`;
    return about === undefined ? [pointer] : [{ pointer, about: mount[about] ?? "" }];
  });
}

/** The paths below a mounted procfs or sysfs that no entry of the list covers, in one place. Misfits have left holes in the list. */
function missing(
  paths: readonly string[],
  pointer: string,
  mounts: Config["mounts"] = [],
  covered: readonly string[] = [],
): readonly Place[] {
  const shown = (path: string) =>
    mounts.some(
      ({ destination }) => path.startsWith(`${trimmed(destination)}/`) && /^\/(proc|sys)\/*$/.test(destination),
    );
  const open = paths.filter(
    (path) => shown(path) && !covered.some((entry) => `${path}/`.startsWith(`${trimmed(entry)}/`)),
  );
  return open.length === 0 ? [] : [{ pointer, about: open.join(", ") }];
}
