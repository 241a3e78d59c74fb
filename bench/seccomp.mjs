// The default seccomp profile of Podman (containers-common) as linux.seccomp: what the engine itself does with the
// file for a container with given capabilities on a given architecture.
import { readFileSync } from "node:fs";

const profilePath = "/usr/share/containers/seccomp.json";
const architectures = { x64: ["amd64", "SCMP_ARCH_X86_64"], arm64: ["arm64", "SCMP_ARCH_AARCH64"] };

/** The capabilities of a rootful container that asks for nothing (containers.conf, default_capabilities). */
export const defaultCapabilities = [
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_FOWNER",
  "CAP_FSETID",
  "CAP_KILL",
  "CAP_NET_BIND_SERVICE",
  "CAP_SETFCAP",
  "CAP_SETGID",
  "CAP_SETPCAP",
  "CAP_SETUID",
  "CAP_SYS_CHROOT",
];

/** Answers linux.seccomp and the number of system calls that it names. */
export function podmanProfile(capabilities = defaultCapabilities) {
  const [arch, native] = architectures[process.arch] ?? [];
  if (native === undefined) throw new Error(`no seccomp architecture for ${process.arch}`);
  const profile = JSON.parse(readFileSync(profilePath, "utf8"));
  const included = ({ arches = [], caps = [] } = {}) =>
    (arches.length === 0 || arches.includes(arch)) && caps.every((name) => capabilities.includes(name));
  const excluded = ({ arches = [], caps = [] } = {}) =>
    arches.includes(arch) || caps.some((name) => capabilities.includes(name));
  const syscalls = profile.syscalls
    .filter((rule) => included(rule.includes) && !excluded(rule.excludes))
    .map(({ names, action, args, errnoRet }) => ({
      names,
      action,
      ...(args?.length > 0 ? { args } : {}),
      ...(errnoRet === undefined ? {} : { errnoRet }),
    }));
  const sub = profile.archMap.find(({ architecture }) => architecture === native)?.subArchitectures ?? [];
  return {
    names: new Set(syscalls.flatMap(({ names }) => names)).size,
    seccomp: {
      defaultAction: profile.defaultAction,
      ...(profile.defaultErrnoRet === undefined ? {} : { defaultErrnoRet: profile.defaultErrnoRet }),
      architectures: [native, ...sub],
      syscalls,
    },
  };
}
