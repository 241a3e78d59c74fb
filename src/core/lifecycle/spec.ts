import { TsrunError } from "../error.js";
import { specVersion } from "../version.js";
import type { Verb } from "./verb.js";

/** Whom a template is for. */
export interface TemplateFor {
  /** The host has cgroup v2 only: a cgroup namespace is usual there. */
  readonly unified: boolean;
  /** The caller's own ids, for a template that needs no privilege. */
  readonly rootless?: { readonly uid: number; readonly gid: number };
}

/** Writes config.json to the bundle; never over one that exists. */
export const spec: Verb = ({ door, host, options }) => {
  const path = options.bundle === undefined ? "config.json" : `${options.bundle}/config.json`;
  const unified = door.facts().cgroup.hierarchies.every(({ version }) => version === 2);
  const rootless = options.rootless === true ? { rootless: { uid: host.euid, gid: host.egid } } : {};
  try {
    door.createText(path, `${JSON.stringify(template({ unified, ...rootless }), null, "\t")}\n`, 0o666);
  } catch (error) {
    if (!(error instanceof TsrunError) || error.errno !== "EEXIST") throw error;
    throw new TsrunError("exists", "file config.json exists. Remove it first", { op: "spec", cause: error });
  }
  return 0;
};

/** A shell with a terminal, few privileges, and namespaces of its own. */
export function template({ unified, rootless }: TemplateFor) {
  const namespaces = ["pid", ...(rootless ? [] : ["network"]), "ipc", "uts", "mount", ...(unified ? ["cgroup"] : [])];
  return {
    ociVersion: specVersion,
    process: {
      terminal: true,
      user: { uid: 0, gid: 0 },
      args: ["sh"],
      env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"],
      cwd: "/",
      capabilities: { bounding: fewPrivileges, effective: fewPrivileges, permitted: fewPrivileges },
      rlimits: [{ type: "RLIMIT_NOFILE", hard: 1024, soft: 1024 }],
      noNewPrivileges: true,
    },
    root: { path: "rootfs", readonly: true },
    hostname: "tsrun",
    mounts: mounts(rootless !== undefined),
    linux: {
      ...(rootless
        ? { uidMappings: [idMapping(rootless.uid)], gidMappings: [idMapping(rootless.gid)] }
        : { resources: { devices: [{ allow: false, access: "rwm" }] } }),
      namespaces: [...namespaces, ...(rootless ? ["user"] : [])].map((type) => ({ type })),
      maskedPaths,
      readonlyPaths,
    },
  };
}

const fewPrivileges = ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"];

const idMapping = (hostID: number) => ({ containerID: 0, hostID, size: 1 });

function mounts(rootless: boolean) {
  const still = ["nosuid", "noexec", "nodev"];
  // Group 5 (tty) is not mapped, and a sysfs needs a network namespace of one's own.
  const terminals = ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", ...(rootless ? [] : ["gid=5"])];
  const sys = rootless
    ? { destination: "/sys", type: "none", source: "/sys", options: ["rbind", ...still, "ro"] }
    : { destination: "/sys", type: "sysfs", source: "sysfs", options: [...still, "ro"] };
  return [
    { destination: "/proc", type: "proc", source: "proc" },
    {
      destination: "/dev",
      type: "tmpfs",
      source: "tmpfs",
      options: ["nosuid", "strictatime", "mode=755", "size=65536k"],
    },
    { destination: "/dev/pts", type: "devpts", source: "devpts", options: terminals },
    { destination: "/dev/shm", type: "tmpfs", source: "shm", options: [...still, "mode=1777", "size=65536k"] },
    { destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: still },
    sys,
    { destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: [...still, "relatime", "ro"] },
  ];
}

/** Files that tell of the host or reach into its kernel. */
const maskedPaths = [
  ...["/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list"],
  ...["/proc/timer_stats", "/proc/sched_debug", "/sys/firmware", "/proc/scsi"],
];

const readonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];
