import type { Config } from "../../generated/config.js";

/** high: root outside is a step away; medium: one wall less; low: worth a thought. */
export type Severity = "high" | "medium" | "low";

/** Where something was found; `about` takes the place of % in the words. */
export type Place = string | { readonly pointer: string; readonly about: string };

export interface AdviceRule {
  readonly severity: Severity;
  readonly reason: string;
  readonly remedy: string;
  /** Every place to which the advice applies. Lists of a configuration may have holes: visit them with forEach, map or flatMap. */
  readonly find: (config: Config) => readonly Place[];
}
