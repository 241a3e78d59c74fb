import type { Config } from "../../generated/config.js";
import { capabilityRules } from "./capabilities.js";
import { fileRules } from "./files.js";
import { processRules } from "./process.js";
import type { AdviceRule, Severity } from "./rule.js";
import { surroundingsRules } from "./surroundings.js";

/** Something that is allowed, but weakens the container. */
export interface Advice {
  /** JSON pointer of what weakens it, or of the member that is missing. */
  readonly pointer: string;
  readonly code: "advice";
  readonly severity: Severity;
  /** What may come of it. */
  readonly reason: string;
  /** What to write instead. */
  readonly remedy: string;
  /** One line: `/process/noNewPrivileges: advice (medium): a set-user-id program …; set it to true`. */
  readonly message: string;
}

const rules: readonly AdviceRule[] = [...capabilityRules, ...surroundingsRules, ...processRules, ...fileRules];
const severities: readonly Severity[] = ["high", "medium", "low"];

/** All advice about a configuration that obeys the schema and the rules, the gravest first. */
export function advise(config: Config): readonly Advice[] {
  const found = rules.flatMap(({ find, severity, reason, remedy }) =>
    find(config).map((place): Advice => {
      const { pointer, about = "" } = typeof place === "string" ? { pointer: place } : place;
      const words = reason.replace("%", about);
      const message = `${pointer}: advice (${severity}): ${words}; ${remedy.replace("%", about)}`;
      return { pointer, code: "advice", severity, reason: words, remedy: remedy.replace("%", about), message };
    }),
  );
  return severities.flatMap((severity) => found.filter((advice) => advice.severity === severity));
}
