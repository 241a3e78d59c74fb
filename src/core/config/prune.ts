import type { Config } from "../generated/config.js";
import type { Misfit } from "./check.js";

/**
 * A configuration without its misfits, so that rules can judge the rest: what is wrong is taken out, where a member is missing the object that
 * needs it. Items leave holes: the pointers of the others stay right. Undefined where nothing is left. Changes the value.
 */
export function prune(value: unknown, misfits: readonly Misfit[]): Config | undefined {
  for (const { pointer, value: found } of misfits) {
    const steps = pointer
      .split("/")
      .slice(1)
      .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
    if (found === undefined) steps.pop();
    const last = steps.pop();
    if (last === undefined) return undefined;
    const holder = steps.reduce<unknown>((inner, step) => member(inner, step), value);
    if (typeof holder === "object" && holder !== null) Reflect.deleteProperty(holder, last);
  }
  return value as Config;
}

const member = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
