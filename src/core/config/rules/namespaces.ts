import type { Config, Linux } from "../../generated/config.js";
import { show } from "../problem.js";
import { mappingRules } from "./mappings.js";
import type { Refuse, Rule } from "./rule.js";
import { sysctlRules } from "./sysctl.js";

/** Without a namespace of its own, a container would change the host's names, mounts, clocks and parameters. */
export const namespaceRules: Rule = (config, refuse) => {
  const linux = config.linux ?? {};
  const paths = namespacePaths(linux, refuse);
  for (const [pointer, type, asked] of demands(config, linux)) {
    if (asked && !paths.has(type)) refuse(pointer, `a namespace of type ${type} in /linux/namespaces`, "none");
  }
  if (linux.timeOffsets !== undefined && (paths.get("time") ?? "") !== "") {
    refuse("/linux/timeOffsets", "no offsets for a time namespace that is joined", show(linux.timeOffsets));
  }
  mappingRules(config, paths.get("user"), refuse);
  sysctlRules(linux.sysctl, paths, refuse);
};

/** The path of each namespace that the container gets, "" for a new one. */
function namespacePaths(linux: Linux, refuse: Refuse): ReadonlyMap<string, string> {
  const paths = new Map<string, string>();
  linux.namespaces?.forEach(({ type, path = "" }, index) => {
    if (paths.has(type)) refuse(`/linux/namespaces/${index}/type`, "each type once", `a second ${type}`);
    paths.set(type, path);
    if (path !== "" && !path.startsWith("/")) refuse(`/linux/namespaces/${index}/path`, "an absolute path", show(path));
  });
  return paths;
}

type Demand = readonly [pointer: string, type: string, asked: boolean];

function demands({ hostname = "", domainname = "", root, mounts = [] }: Config, linux: Linux): readonly Demand[] {
  const { maskedPaths = [], readonlyPaths = [], rootfsPropagation, timeOffsets } = linux;
  return [
    ["/hostname", "uts", hostname !== ""],
    ["/domainname", "uts", domainname !== ""],
    ["/root/readonly", "mount", root?.readonly === true],
    ["/mounts", "mount", mounts.length > 0],
    ["/linux/maskedPaths", "mount", maskedPaths.length > 0],
    ["/linux/readonlyPaths", "mount", readonlyPaths.length > 0],
    ["/linux/rootfsPropagation", "mount", rootfsPropagation !== undefined],
    ["/linux/timeOffsets", "time", timeOffsets !== undefined],
  ];
}
