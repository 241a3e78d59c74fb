import type { DeviceRule } from "../generated/config.js";
import type { Demand, FileWrite } from "./limits.js";

/** What every container may use whatever the rules say: making any node, and the default devices (config-linux.md). */
const always: readonly string[] = [
  "c *:* m",
  "b *:* m",
  "c 1:3 rwm",
  "c 1:5 rwm",
  "c 1:7 rwm",
  "c 1:8 rwm",
  "c 1:9 rwm",
  "c 5:0 rwm",
  "c 5:2 rwm",
  "c 136:* rwm",
];

/**
 * cgroup v1: everything is denied, then the rules in their order, of which the last that matches decides; the default devices come
 * last. Absent rules are no rules: a container may use the default devices only.
 */
export function deviceDemands(rules: readonly DeviceRule[]): readonly Demand[] {
  let last: FileWrite = { file: "devices.deny", values: ["a"] };
  const files = [last];
  const add = (file: string, line: string): void => {
    // one file after the other, in the order of the rules
    if (last.file === file) last.values.push(line);
    else files.push((last = { file, values: [line] }));
  };
  for (const rule of rules) {
    const line = words(rule);
    const deniedAlready = !rule.allow && line === "a" && files.length === 1;
    if (!deniedAlready) add(rule.allow ? "devices.allow" : "devices.deny", line);
  }
  for (const line of always) add("devices.allow", line);
  return [{ pointer: "/linux/resources/devices", v1: { controller: "devices", files }, v2: { controller: "" } }];
}

/** Devices of the kernel's "a" are all devices: numbers and access have no part in it. */
function words({ type = "a", major, minor, access = "rwm" }: DeviceRule): string {
  if (type === "a") return "a";
  const number = (value: DeviceRule["major"]): string => (value === undefined || value < 0 ? "*" : String(value));
  return `${type} ${number(major)}:${number(minor)} ${access}`;
}
