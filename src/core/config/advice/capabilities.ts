import type { Config } from "../../generated/config.js";
import type { AdviceRule, Severity } from "./rule.js";

const sets = ["bounding", "permitted", "effective", "inheritable", "ambient"] as const;

/** Capabilities that no usual program needs, capabilities(7): what they open. */
const grave: readonly (readonly [name: string, severity: Severity, opens: string])[] = [
  ["CAP_SYS_ADMIN", "high", "mounts, namespaces and devices: it is as good as root outside"],
  ["CAP_SYS_MODULE", "high", "the kernel itself: modules can be loaded into it"],
  ["CAP_SYS_RAWIO", "high", "physical memory and ports"],
  ["CAP_SYS_PTRACE", "high", "the memory of every process that the container sees"],
  ["CAP_DAC_READ_SEARCH", "high", "every file of the host by its handle (open_by_handle_at)"],
  ["CAP_BPF", "high", "programs in the kernel"],
  ["CAP_SYS_BOOT", "high", "reboot, and another kernel by kexec"],
  ["CAP_MAC_ADMIN", "high", "the rules of AppArmor and SELinux"],
  ["CAP_MAC_OVERRIDE", "high", "what AppArmor and SELinux forbid"],
  ["CAP_PERFMON", "medium", "what other programs and the kernel are doing"],
  ["CAP_SYSLOG", "medium", "addresses in the kernel, which attacks on it need"],
  ["CAP_SYS_TIME", "medium", "the clock of the host"],
  ["CAP_NET_ADMIN", "medium", "the network: addresses, routes, packet filters"],
  ["CAP_CHECKPOINT_RESTORE", "medium", "the inner state of other processes"],
  ["CAP_LINUX_IMMUTABLE", "low", "marks on files that their owner relies on"],
  ["CAP_MKNOD", "low", "device nodes, kept in check by the rules for devices alone"],
  ["CAP_NET_RAW", "low", "forged packets on the network that it shares"],
];

export const capabilityRules: readonly AdviceRule[] = [
  ...grave.map(([name, severity, opens]): AdviceRule => ({
    severity,
    reason: `${name} opens ${opens}`,
    remedy: "leave it out of every set",
    find: (config) => first(config, name),
  })),
  {
    severity: "low",
    reason: "an inheritable capability comes back when a program is executed whose file has it",
    remedy: "leave the set empty",
    find: ({ process }) =>
      (process?.capabilities?.inheritable ?? []).length > 0 ? ["/process/capabilities/inheritable"] : [],
  },
];

/** Where a capability is named first. */
function first({ process }: Config, name: string): readonly string[] {
  for (const set of sets) {
    const at = process?.capabilities?.[set]?.indexOf(name) ?? -1;
    if (at >= 0) return [`/process/capabilities/${set}/${at}`];
  }
  return [];
}
