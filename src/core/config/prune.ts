import type { Config } from "../generated/config.js";
import { misfits } from "../generated/validate-config.js";
import type { Misfit } from "./check.js";

/**
 * A configuration without its misfits, so that rules can judge the rest: what is wrong is taken out, and then what cannot be without it.
 * Items leave holes: the pointers of the others stay right. Undefined where nothing is left. Changes the value.
 */
export function prune(value: unknown): Config | undefined {
  for (let wrong = misfits(value); wrong.length > 0; wrong = misfits(value)) {
    for (const misfit of wrong) {
      if (misfit.pointer === "") return undefined;
      takeOut(value, misfit);
    }
  }
  return value as Config;
}

function takeOut(value: unknown, { pointer, expected, value: found }: Misfit): void {
  const steps = pointer.split("/").map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  const names = steps.slice(1);
  const missing = found === undefined;
  // most that must be there are paths: with any path, the rest of their object can be judged
  if (missing && expected !== "a string") names.pop();
  const last = names.pop() ?? "";
  const holder = names.reduce<unknown>(member, value);
  if (typeof holder !== "object" || holder === null) return;
  if (missing && expected === "a string") Reflect.set(holder, last, "/");
  else Reflect.deleteProperty(holder, last);
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}
