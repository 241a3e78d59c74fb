import type { Config, Mount } from "../../generated/config.js";
import { lookup } from "../../tables/lookup.js";
import { mountOptions } from "../../tables/mount-options.js";
import { isProc } from "../proc.js";
import { show } from "../problem.js";
import { extentRules } from "./mappings.js";
import type { Refuse, Rule } from "./rule.js";

/** config.md, Mounts, beyond the schema. */
export const mountRules: Rule = (config, refuse) => {
  config.mounts?.forEach((mount, index) => {
    const pointer = `/mounts/${index}`;
    const { destination, source = "", options = [] } = mount;
    if (destination === "") refuse(`${pointer}/destination`, "a path", show(destination));
    else if (`${destination}/`.includes("/../") || destination.startsWith("../"))
      refuse(`${pointer}/destination`, "a path without ..", show(destination));
    const bind = options.includes("bind") || options.includes("rbind");
    const remount = options.includes("remount");
    if (bind && !remount && source === "") refuse(`${pointer}/source`, "the path to bind", "none");
    // what is bound there is looked at when it is; anything else would only look like the kernel's word
    if (!bind && !remount && mount.type !== "proc" && isProc(destination))
      refuse(`${pointer}/type`, "proc", show(mount.type));
    if (bind && !remount) dataRules(options, pointer, refuse);
    idmapRules(config, mount, pointer, refuse);
    if (options.length > 0) ownerRules(config, options, pointer, refuse);
  });
};

/** A bind mount has no file system of its own that could read them. */
function dataRules(options: readonly string[], pointer: string, refuse: Refuse): void {
  options.forEach((word, index) => {
    if (word !== "" && lookup(mountOptions, word) === undefined)
      refuse(`${pointer}/options/${index}`, "an option of bind mounts", show(word));
  });
}

function idmapRules(
  { linux }: Config,
  { uidMappings = [], gidMappings = [], options = [] }: Mount,
  pointer: string,
  refuse: Refuse,
): void {
  const lists = { uidMappings, gidMappings };
  for (const [one, other] of [
    ["uidMappings", "gidMappings"],
    ["gidMappings", "uidMappings"],
  ] as const) {
    if (lists[one].length > 0) extentRules(lists[one], `${pointer}/${one}`, refuse);
    if (lists[one].length > 0 && lists[other].length === 0)
      refuse(`${pointer}/${other}`, `mappings as in ${pointer}/${one}`, "none");
  }
  const at = options.findIndex((word) => word === "idmap" || word === "ridmap");
  if (at < 0 || uidMappings.length > 0 || gidMappings.length > 0) return;
  if (linux?.namespaces?.some(({ type }) => type === "user") !== true)
    refuse(
      `${pointer}/options/${at}`,
      `${pointer}/uidMappings, or a namespace of type user in /linux/namespaces`,
      show(options[at]),
    );
}

/** An id that a new user namespace does not map is none: the kernel would only say EINVAL. */
function ownerRules({ linux }: Config, options: readonly string[], pointer: string, refuse: Refuse): void {
  if (linux?.namespaces?.some(({ type, path = "" }) => type === "user" && path === "") !== true) return;
  options.forEach((word, index) => {
    const [, kind, digits = ""] = /^([ug]id)=(0|[1-9][0-9]{0,9})$/.exec(word) ?? [];
    if (kind === undefined) return;
    const id = JSON.parse(digits) as number;
    const mappings = linux[`${kind as "uid" | "gid"}Mappings`] ?? [];
    if (mappings.length > 0 && !mappings.some(({ containerID, size }) => id >= containerID && id - containerID < size))
      refuse(`${pointer}/options/${index}`, `an id of /linux/${kind}Mappings`, show(word));
  });
}
