import type { AdviceRule } from "./rule.js";

export const processRules: readonly AdviceRule[] = [
  {
    severity: "medium",
    reason: "a set-user-id program of the image gives its caller more power",
    remedy: "set it to true",
    find: ({ process }) => (process?.noNewPrivileges === true ? [] : ["/process/noNewPrivileges"]),
  },
  {
    severity: "medium",
    reason: "root inside is root outside, where something goes wrong",
    remedy: "choose another user, or add a user namespace with mappings",
    find: ({ process, linux }) =>
      (process?.user?.uid ?? 0) === 0 && linux?.namespaces?.some(({ type }) => type === "user") !== true
        ? ["/process/user/uid"]
        : [],
  },
  {
    severity: "low",
    reason: "when memory is short, the kernel ends programs of the host first",
    remedy: "set 0 or more",
    find: ({ process }) => ((process?.oomScoreAdj ?? 0) < 0 ? ["/process/oomScoreAdj"] : []),
  },
];
