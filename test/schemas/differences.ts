import { readFileSync } from "node:fs";
import type { SchemaName } from "./official.js";

/** A place where our verdict and the official one differ on purpose. */
export interface Difference {
  readonly schema: SchemaName;
  readonly at: readonly string[];
  /** Only names that differ from a known one in upper and lower case. */
  readonly misspelt?: true;
  readonly reason: string;
  readonly example: unknown;
}

export const differences = JSON.parse(
  readFileSync(new URL("../../schemas/differences.json", import.meta.url), "utf8"),
) as { readonly stricter: readonly Difference[]; readonly looser: readonly Difference[] };

/** A place that a schema refuses, and what it wants there. */
export interface Refusal {
  readonly pointer: string;
  readonly expected: string;
}

/** The difference that a refusal is due to. */
export function reasonOf(list: readonly Difference[], schema: SchemaName, refusal: Refusal): Difference | undefined {
  const misspelt = refusal.expected.startsWith("the name ");
  return list.find(
    (difference) =>
      difference.schema === schema &&
      (difference.misspelt === true) === misspelt &&
      difference.at.some((pattern) => matches(pattern.split("/"), refusal.pointer.split("/"))),
  );
}

function matches(pattern: readonly string[], steps: readonly string[]): boolean {
  const [wanted, ...rest] = pattern;
  if (wanted === "**") return true;
  if (wanted === undefined || steps[0] === undefined) return wanted === steps[0];
  return (wanted === "*" || wanted === steps[0]) && matches(rest, steps.slice(1));
}
