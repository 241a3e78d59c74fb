import { capabilities } from "../tables/capabilities.js";
import { mountOptions } from "../tables/mount-options.js";
import { namespaceFlags } from "../tables/namespaces.js";
import {
  seccompActions,
  seccompArchitectures,
  seccompArchitecturesOfLibseccomp26,
  seccompFlags,
  seccompOperators,
} from "../tables/seccomp.js";
import { commit, specVersion, version } from "../version.js";
import type { Verb } from "./verb.js";

/**
 * The document of the specification's features.md: facts of this build, the host is not asked. Engines switch their own features on by it
 * (recursive read-only binds by `rro`, user namespaces by `idmap`), so it names nothing that is not built.
 */
export function featuresDocument(libseccomp: string) {
  return {
    ociVersionMin: "1.0.0",
    ociVersionMax: specVersion,
    hooks: ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"],
    mountOptions: Object.keys(mountOptions).sort(),
    linux: {
      namespaces: Object.keys(namespaceFlags).sort(),
      capabilities: Object.keys(capabilities),
      cgroup: { v1: true, v2: true, systemd: true, systemdUser: true, rdma: true },
      seccomp: {
        enabled: true,
        actions: Object.keys(seccompActions).sort(),
        operators: Object.keys(seccompOperators).sort(),
        archs: Object.keys(seccompArchitectures)
          .filter((name) => !seccompArchitecturesOfLibseccomp26.includes(name))
          .sort(),
        knownFlags: Object.keys(seccompFlags).sort(),
        supportedFlags: Object.keys(seccompFlags).sort(),
      },
      apparmor: { enabled: false },
      selinux: { enabled: false },
      intelRdt: { enabled: false },
      mountExtensions: { idmap: { enabled: true } },
    },
    annotations: {
      "tsrun.version": version,
      ...(commit === "" ? {} : { "tsrun.commit": commit }),
      "io.github.seccomp.libseccomp.version": libseccomp,
    },
    potentiallyUnsafeConfigAnnotations: [],
  };
}

export const features: Verb = ({ door, host }) => {
  door.print(1, `${JSON.stringify(featuresDocument(host.libseccomp), null, 2)}\n`);
  return 0;
};
