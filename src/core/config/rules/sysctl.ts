import type { StringMap } from "../../generated/config.js";
import { step } from "../check.js";
import { show } from "../problem.js";
import type { Refuse } from "./rule.js";

/** Kernel parameters that a namespace has of its own; a name that ends in a dot stands for all below it. */
const namespaced: readonly (readonly [name: string, type: string])[] = [
  ["kernel.msgmax", "ipc"],
  ["kernel.msgmnb", "ipc"],
  ["kernel.msgmni", "ipc"],
  ["kernel.sem", "ipc"],
  ["kernel.shmall", "ipc"],
  ["kernel.shmmax", "ipc"],
  ["kernel.shmmni", "ipc"],
  ["kernel.shm_rmid_forced", "ipc"],
  ["fs.mqueue.", "ipc"],
  ["kernel.domainname", "uts"],
  ["net.", "network"],
  ["user.", "user"],
];

/** A parameter that no namespace of the container has would be set for the whole host. */
export function sysctlRules(
  sysctl: StringMap | undefined,
  namespaces: ReadonlyMap<string, string>,
  refuse: Refuse,
): void {
  for (const [name, value] of Object.entries(sysctl ?? {})) {
    const pointer = `/linux/sysctl${step(name)}`;
    const dotted = name.replaceAll("/", ".");
    const [, type] =
      namespaced.find(([known]) => (known.endsWith(".") ? dotted.startsWith(known) : dotted === known)) ?? [];
    // empty components would let a name climb out of its directory
    if (type === undefined || dotted.includes("..") || dotted.endsWith(".")) {
      const hint = dotted === "kernel.hostname" ? "the member hostname instead" : "a parameter of a namespace";
      refuse(pointer, hint, show(name));
    } else if (!namespaces.has(type)) refuse(pointer, `a namespace of type ${type} in /linux/namespaces`, "none");
    if (value.includes("\n")) refuse(pointer, "one line", show(value));
  }
}
