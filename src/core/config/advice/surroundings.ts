import type { Config, DeviceRule } from "../../generated/config.js";
import type { AdviceRule, Place, Severity } from "./rule.js";

/** What the container shares with the host where it has no namespace of its own. */
const shared: readonly (readonly [type: string, severity: Severity, what: string])[] = [
  ["mount", "high", "every mount of the host"],
  ["pid", "high", "all processes: it sees their command lines, and root may signal them"],
  ["network", "medium", "interfaces, ports and abstract sockets"],
  ["ipc", "medium", "shared memory and message queues"],
  ["uts", "low", "the names of the host"],
  ["cgroup", "low", "the sight of the host's cgroups"],
];

export const surroundingsRules: readonly AdviceRule[] = [
  ...shared.map(([type, severity, what]): AdviceRule => ({
    severity,
    reason: `without a ${type} namespace of its own the container shares with the host ${what}`,
    remedy: `add {"type": "${type}"} to /linux/namespaces`,
    find: (config) => sharedAt(config, type),
  })),
  {
    severity: "high",
    reason: "root outside is an id of the container: the user namespace takes nothing from it",
    remedy: "map another id of the host",
    find: ({ linux }) =>
      (linux?.uidMappings ?? []).flatMap(({ hostID }, index) =>
        hostID === 0 ? [`/linux/uidMappings/${index}/hostID`] : [],
      ),
  },
  {
    severity: "medium",
    reason: "no filter stands between the program and the system calls that it never needs",
    remedy: "give a profile that forbids by default, such as an engine's",
    find: ({ linux }) => (linux?.seccomp === undefined ? ["/linux/seccomp"] : []),
  },
  {
    severity: "low",
    reason: "the profile allows every system call that it does not name, new ones of the kernel included",
    remedy: "forbid by default (SCMP_ACT_ERRNO) and name what is allowed",
    find: ({ linux }) => (linux?.seccomp?.defaultAction === "SCMP_ACT_ALLOW" ? ["/linux/seccomp/defaultAction"] : []),
  },
  {
    severity: "high",
    reason: "the rule opens every device, the host's disks and memory included",
    remedy: "name the devices that are needed by type, major and minor",
    find: ({ linux }) =>
      (linux?.resources?.devices ?? []).flatMap((rule, index) =>
        opensAll(rule) ? [`/linux/resources/devices/${index}`] : [],
      ),
  },
  {
    severity: "medium",
    reason: "what lies on a block device can be read around every file system",
    remedy: "mount what is on it instead",
    find: ({ linux }) =>
      (linux?.devices ?? []).flatMap(({ type }, index) => (type === "b" ? [`/linux/devices/${index}`] : [])),
  },
  {
    severity: "low",
    reason: "a fork bomb stops only when the host has no pid left",
    remedy: "set a limit",
    find: ({ linux }) => ((linux?.resources?.pids?.limit ?? 0) > 0 ? [] : ["/linux/resources/pids/limit"]),
  },
  {
    severity: "low",
    reason: "the container may take all memory of the host",
    remedy: "set a limit",
    find: ({ linux }) => ((linux?.resources?.memory?.limit ?? 0) > 0 ? [] : ["/linux/resources/memory/limit"]),
  },
];

/** Absent, or joined from the host's first process. */
function sharedAt({ linux }: Config, type: string): readonly Place[] {
  const found = (linux?.namespaces ?? []).flatMap((namespace, index) =>
    namespace.type === type ? [{ path: namespace.path ?? "", pointer: `/linux/namespaces/${index}/path` }] : [],
  );
  if (found.length === 0) return ["/linux/namespaces"];
  return found.filter(({ path }) => /^\/proc\/(1|self)\//.test(path)).map(({ pointer }) => pointer);
}

/** Making nodes of any device (m) is usual; opening them is not. */
function opensAll({ allow, type = "a", access = "", major, minor }: DeviceRule): boolean {
  const any = (number: typeof major) => number === undefined || number === -1;
  return allow && (type === "a" || (any(major) && any(minor))) && /[rw]/.test(access === "" ? "rwm" : access);
}
