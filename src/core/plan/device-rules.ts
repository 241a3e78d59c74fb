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

/** All devices in all ways: what v1 calls `a`, whatever stands behind it. */
export const everything = "a *:* rwm";

/**
 * Everything is denied, then the rules in their order, of which the last that matches decides; the default devices come last. Absent
 * rules are no rules: a container may use the default devices only.
 */
export function deviceDemands(rules: readonly DeviceRule[]): readonly Demand[] {
  const verdicts = rulesInForce(rules);
  return [
    {
      pointer: "/linux/resources/devices",
      v1: { controller: "devices", files: filesOf(verdicts) },
      v2: { controller: "", rules: verdicts.map(({ allow, line }) => `${allow ? "allow" : "deny"} ${line}`) },
    },
  ];
}

interface Verdict {
  readonly allow: boolean;
  readonly line: string;
}

/** The rules in the kernel's words, between what comes before them and what comes last. */
export function rulesInForce(rules: readonly DeviceRule[]): readonly Verdict[] {
  const lines = rules.flatMap((rule) => spell(rule).map((line) => ({ allow: rule.allow, line })));
  return [{ allow: false, line: everything }, ...lines, ...always.map((line) => ({ allow: true, line }))];
}

function filesOf(verdicts: readonly Verdict[]): readonly FileWrite[] {
  const files: FileWrite[] = [];
  let before: Verdict | undefined;
  for (const verdict of verdicts) {
    const file = verdict.allow ? "devices.allow" : "devices.deny";
    const value = verdict.line === everything ? "a" : verdict.line;
    // one file after the other, in the order of the rules; denying all twice would be a moment more without any device
    if (before?.allow !== verdict.allow) files.push({ file, values: [value] });
    else if (value !== "a" || before.line !== everything) files[files.length - 1]?.values.push(value);
    before = verdict;
  }
  return files;
}

/** The rule in the kernel's words; a type of all devices that is not about all of them becomes one rule for each type. */
export function spell({ type = "a", major, minor, access = "rwm" }: DeviceRule): string[] {
  const number = (value: DeviceRule["major"]): string => (value === undefined || value < 0 ? "*" : String(value));
  const rest = `${number(major)}:${number(minor)} ${access}`;
  if (type !== "a") return [`${type} ${rest}`];
  return rest.startsWith("*:* ") && access.length === 3 ? [everything] : [`c ${rest}`, `b ${rest}`];
}
