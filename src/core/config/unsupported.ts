import type { Config } from "../generated/config.js";
import { isObject } from "./check.js";

/** Members that tsrun does not build yet, by the object that has them; a step `*` stands for every item of an array. */
export const unsupportedMembers: readonly (readonly [object: string, ...names: readonly string[]])[] = [
  ["process", "apparmorProfile", "selinuxLabel", "scheduler", "ioPriority"],
  ["mounts/*", "uidMappings", "gidMappings"],
  ["hooks", "createContainer", "startContainer"],
  ["linux", "netDevices", "mountLabel", "intelRdt", "memoryPolicy"],
  ["linux/personality", "flags"],
  ["linux/resources", "rdma"],
  ["linux/resources/blockIO", "leafWeight"],
  ["linux/resources/blockIO/weightDevice/*", "leafWeight"],
  ["linux/seccomp", "listenerPath", "listenerMetadata"],
];

/** Values that tsrun does not build yet, of members or in lists that it knows. */
export const unsupportedValues: readonly (readonly [holder: string, ...values: readonly string[]])[] = [
  ["mounts/*/options", "idmap", "ridmap", "tmpcopyup", "copy-symlink", "src-nofollow", "dest-nofollow"],
  ["linux/personality/domain", "LINUX32"],
  ["linux/seccomp/defaultAction", "SCMP_ACT_NOTIFY"],
  ["linux/seccomp/syscalls/*/action", "SCMP_ACT_NOTIFY"],
  ["linux/seccomp/flags", "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"],
];

/** A value that asks for something that is not built. */
export interface Request {
  readonly pointer: string;
  readonly value: unknown;
}

type Visit = (value: unknown, pointer: string) => void;

/** All of them, in the order of the tables. */
export function unsupportedRequests(config: Config): readonly Request[] {
  const found: Request[] = [];
  for (const [path, ...names] of unsupportedMembers) {
    visit(config, path, "", (object, pointer) => {
      if (!isObject(object)) return;
      for (const name of names)
        if (asksSomething(object[name])) found.push({ pointer: `${pointer}/${name}`, value: object[name] });
    });
  }
  for (const [path, ...values] of unsupportedValues) {
    visit(config, path, "", (holder, pointer) => {
      if (values.includes(holder as string)) found.push({ pointer, value: holder });
      if (!Array.isArray(holder)) return;
      holder.forEach((value, index) => {
        if (values.includes(value as string)) found.push({ pointer: `${pointer}/${index}`, value });
      });
    });
  }
  return found;
}

/** Goes down a path, and calls `at` for each value at its end. */
function visit(value: unknown, path: string, pointer: string, at: Visit): void {
  if (value === undefined) return;
  if (path === "") {
    at(value, pointer);
    return;
  }
  const slash = path.indexOf("/");
  const step = slash < 0 ? path : path.slice(0, slash);
  const rest = slash < 0 ? "" : path.slice(slash + 1);
  if (step !== "*") visit(isObject(value) ? value[step] : undefined, rest, `${pointer}/${step}`, at);
  else if (Array.isArray(value))
    value.forEach((item, index) => {
      visit(item, rest, `${pointer}/${index}`, at);
    });
}

/** null, false, 0, "", [] and {} ask for nothing. */
function asksSomething(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return Boolean(value);
  return Object.keys(value).length > 0;
}
