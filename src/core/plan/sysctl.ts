import type { Inside, Situation } from "./request.js";

/** linux.sysctl: which keys are allowed is a rule of the configuration; here they only become paths below /proc/sys. */
export function planSysctl({ config }: Situation): Inside {
  return Object.entries(config.linux?.sysctl ?? {}).map(([key, value]) => ({
    op: "sysctl",
    path: sysctlPath(key),
    value,
    pointer: `/linux/sysctl/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`,
  }));
}

/** sysctl(8): whichever of dot and slash comes first separates, the other belongs to a name (net/ipv4/conf/eth0.1). */
export function sysctlPath(key: string): string {
  const first = Array.from(key).find((character) => character === "." || character === "/");
  if (first === "/") return key;
  return Array.from(key, (character) => (character === "." ? "/" : character === "/" ? "." : character)).join("");
}
