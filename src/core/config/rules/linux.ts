import type { Linux, Seccomp } from "../../generated/config.js";
import { step } from "../check.js";
import { show } from "../problem.js";
import type { Refuse, Rule } from "./rule.js";

/** What config-linux.md says beyond the schema, except for namespaces. */
export const linuxRules: Rule = ({ linux }, refuse) => {
  if (linux === undefined) return;
  deviceRules(linux, refuse);
  resourceRules(linux, refuse);
  for (const clock of ["boottime", "monotonic"] as const) {
    const nanosecs = linux.timeOffsets?.[clock]?.nanosecs ?? 0;
    if (nanosecs > 999_999_999) refuse(`/linux/timeOffsets/${clock}/nanosecs`, "less than a second", show(nanosecs));
  }
  if (linux.seccomp !== undefined) seccompRules(linux.seccomp, refuse);
};

function deviceRules({ devices }: Linux, refuse: Refuse): void {
  devices?.forEach((device, index) => {
    if (device.path === "") refuse(`/linux/devices/${index}/path`, "a path", show(device.path));
    if (device.type === "p") return;
    for (const key of ["major", "minor"] as const) {
      const number = device[key];
      if (number === undefined || number < 0 || number > 0xffff_ffff) {
        refuse(`/linux/devices/${index}/${key}`, "an integer from 0 to 4294967295", show(number));
      }
    }
  });
}

function resourceRules({ resources = {} }: Linux, refuse: Refuse): void {
  resources.devices?.forEach(({ type = "a", access = "", ...rule }, index) => {
    const pointer = `/linux/resources/devices/${index}`;
    if (type !== "a" && type !== "b" && type !== "c") refuse(`${pointer}/type`, "one of a, b, c", show(type));
    if (Array.from(access).some((letter) => !"rwm".includes(letter)))
      refuse(`${pointer}/access`, "letters of rwm", show(access));
    for (const key of ["major", "minor"] as const) {
      const number = rule[key] ?? 0;
      // -1 stands for all
      if (number < -1 || number > 0xffff_ffff)
        refuse(`${pointer}/${key}`, "an integer from -1 to 4294967295", show(number));
    }
  });
  for (const file of Object.keys(resources.unified ?? {})) {
    if (!isFileName(file))
      refuse(`/linux/resources/unified${step(file)}`, "the name of a file of a cgroup", show(file));
  }
}

const isFileName = (name: string) =>
  name !== "" && !name.startsWith(".") && !name.includes("/") && !name.includes("\n");

/** Only these give a number to the caller, and 16 bits of it. */
const numbered: readonly string[] = ["SCMP_ACT_ERRNO", "SCMP_ACT_TRACE"];

function seccompRules(seccomp: Seccomp, refuse: Refuse): void {
  errnoRule(seccomp.defaultAction, seccomp.defaultErrnoRet, "/linux/seccomp/defaultErrnoRet", refuse);
  seccomp.syscalls?.forEach(({ action, errnoRet }, index) => {
    errnoRule(action, errnoRet, `/linux/seccomp/syscalls/${index}/errnoRet`, refuse);
  });
  listenerRules(seccomp, refuse);
}

const notify = "SCMP_ACT_NOTIFY";

/** Calls are handed to an agent one by one, and write is how init says that it can be listened to. */
function listenerRules(
  { defaultAction, syscalls, listenerPath = "", listenerMetadata }: Seccomp,
  refuse: Refuse,
): void {
  if (defaultAction === notify)
    refuse("/linux/seccomp/defaultAction", "another action", `${notify}, which cannot be used as default action`);
  syscalls?.forEach(({ names, action }, index) => {
    if (action !== notify) return;
    if (names.includes("write"))
      refuse(`/linux/seccomp/syscalls/${index}`, "another action", `${notify} cannot be used for the write syscall`);
  });
  const listens = syscalls?.some(({ action }) => action === notify) === true;
  if (listens && !listenerPath.startsWith("/"))
    refuse(
      "/linux/seccomp/listenerPath",
      `the absolute path of an agent's socket, for ${notify}`,
      listenerPath === "" ? "nothing: seccomp listenerPath is not set" : show(listenerPath),
    );
  if (listenerPath === "" && listenerMetadata !== undefined && listenerMetadata !== "")
    refuse("/linux/seccomp/listenerMetadata", "listenerPath beside it", "none");
}

function errnoRule(action: string, errno: number | undefined, pointer: string, refuse: Refuse): void {
  if (errno === undefined) return;
  if (!numbered.includes(action)) refuse(pointer, `no number for ${action}`, show(errno));
  else if (errno > 0xffff) refuse(pointer, "an integer from 0 to 65535", show(errno));
}
