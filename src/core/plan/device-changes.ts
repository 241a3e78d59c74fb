import type { DeviceRule } from "../generated/config.js";
import { everything, rulesInForce, spell } from "./device-rules.js";
import type { FileWrite } from "./limits.js";

/** What the kernel's list of a cgroup v1 holds: a default, and for each "type major:minor" the letters that are the exception. */
interface Permissions {
  allow: boolean;
  readonly exceptions: Map<string, string>;
}

/** Writes that lead from one list of rules to another. */
export interface DeviceChanges {
  readonly writes: readonly FileWrite[];
  /** The default changes, which empties the list for a moment: nobody may look meanwhile. */
  readonly standstill: boolean;
}

/**
 * Only what differs is written, first what is allowed now: no device that both lists allow is ever denied, and what a hook has
 * allowed besides stays.
 */
export function deviceChanges(from: readonly DeviceRule[], to: readonly DeviceRule[]): DeviceChanges {
  const [old, wanted] = [permissionsOf(from), permissionsOf(to)];
  const standstill = old.allow !== wanted.allow;
  if (standstill) old.exceptions.clear();
  const [more, less] = wanted.allow ? ["devices.deny", "devices.allow"] : ["devices.allow", "devices.deny"];
  const lines = new Map<string, string[]>([
    ["devices.allow", []],
    ["devices.deny", []],
  ]);
  for (const key of new Set([...wanted.exceptions.keys(), ...old.exceptions.keys()])) {
    const [was, is] = [old.exceptions.get(key) ?? "", wanted.exceptions.get(key) ?? ""];
    const [added, removed] = [without(is, was), without(was, is)];
    if (added !== "") lines.get(more)?.push(`${key} ${added}`);
    if (removed !== "") lines.get(less)?.push(`${key} ${removed}`);
  }
  const first: FileWrite[] = standstill
    ? [{ file: wanted.allow ? "devices.allow" : "devices.deny", values: ["a"] }]
    : [];
  const rest = [...lines].filter(([, values]) => values.length > 0).map(([file, values]) => ({ file, values }));
  return { writes: [...first, ...rest], standstill };
}

function permissionsOf(rules: readonly DeviceRule[]): Permissions {
  const permissions: Permissions = { allow: false, exceptions: new Map() };
  for (const { allow, line } of rulesInForce(rules)) {
    if (line === everything) {
      permissions.allow = allow;
      permissions.exceptions.clear();
      continue;
    }
    const at = line.lastIndexOf(" ");
    const [key, letters] = [line.slice(0, at), line.slice(at + 1)];
    const before = permissions.exceptions.get(key) ?? "";
    const after = allow === permissions.allow ? without(before, letters) : before + without(letters, before);
    if (after === "") permissions.exceptions.delete(key);
    else permissions.exceptions.set(key, after);
  }
  return permissions;
}

function without(letters: string, taken: string): string {
  return Array.from(letters)
    .filter((letter) => !taken.includes(letter))
    .join("");
}

/** Two lists that say the same, rule by rule. */
export function sameRules(one: readonly DeviceRule[], other: readonly DeviceRule[]): boolean {
  return one.length === other.length && one.every((rule, index) => sameRule(rule, other[index]));
}

function sameRule(one: DeviceRule, other: DeviceRule | undefined): boolean {
  return other?.allow === one.allow && spell(one).join() === spell(other).join();
}
