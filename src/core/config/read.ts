import { TsrunError } from "../error.js";
import type { Config } from "../generated/config.js";
import { misfits } from "../generated/validate-config.js";
import type { Misfit } from "./check.js";
import { JsonError } from "./json.js";
import { type Parsed, parseExactly } from "./parse.js";
import { type Problem, configProblem, show, unsupportedProblem } from "./problem.js";
import { prune } from "./prune.js";
import { bundleRules } from "./rules/bundle.js";
import { linuxRules } from "./rules/linux.js";
import { mountRules } from "./rules/mounts.js";
import { namespaceRules } from "./rules/namespaces.js";
import { processRules } from "./rules/process.js";
import type { Rule } from "./rules/rule.js";
import { mayHoldBadStrings, stringRules } from "./rules/strings.js";
import { unsupportedRequests } from "./unsupported.js";

/**
 * The configuration that a config.json holds: as the schema says, obeying the rules, and without anything that tsrun does not support.
 * Fails with the first problem, like `config.json: /process/cwd: expected a string, found null`.
 */
export function readConfig(text: string): Config {
  const { config, problems } = examine(text);
  if (config !== undefined && problems.length === 0) return config;
  const { code, pointer, message } = problems[0] ?? configProblem("", "an object", "nothing");
  throw new TsrunError(code, `config.json: ${message}`, { pointer });
}

/** What a config.json holds, and all that is wrong with it. */
export interface Examination {
  /** Without the members that have problems; undefined where nothing is left. */
  readonly config: Config | undefined;
  /** First what is not as the schema says, then broken rules, then what is not supported. */
  readonly problems: readonly Problem[];
}

export function examine(text: string): Examination {
  try {
    const { value, misfits: wrong } = parseConfig(text);
    if (wrong.length > 0) return examineRest(value, text, wrong);
    return { config: value as Config, problems: examineConfig(value as Config, text, allRules) };
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    const problem = {
      pointer: "",
      code: "config",
      expected: "JSON",
      found: "something else",
      message: error.message,
    } as const;
    return { config: undefined, problems: [problem] };
  }
}

/** A text's value, and what the schema says against it. Fails with a JsonError. */
export function parseConfig(text: string): Parsed {
  return parseExactly(text, misfits);
}

const allRules: readonly Rule[] = [bundleRules, processRules, mountRules, linuxRules, namespaceRules];
const rulesWithoutNamespaces = allRules.filter((rule) => rule !== namespaceRules);

function examineConfig(config: Config, text: string, rules: readonly Rule[]): Problem[] {
  const found: Problem[] = [];
  const refuse = (pointer: string, expected: string, what: string) => {
    found.push(configProblem(pointer, expected, what));
  };
  if (mayHoldBadStrings(text)) stringRules(config, "", refuse);
  for (const rule of rules) rule(config, refuse);
  for (const { pointer, value } of unsupportedRequests(config)) found.push(unsupportedProblem(pointer, value));
  return found;
}

/** What the schema refuses comes first; the rules judge what is left, and say nothing of what was told already. */
function examineRest(value: unknown, text: string, wrong: readonly Misfit[]): Examination {
  const told = wrong.map(({ pointer, expected, value: found }) => configProblem(pointer, expected, show(found)));
  const config = prune(value);
  if (config === undefined) return { config, problems: told };
  const known = !wrong.some(({ pointer }) => touches(pointer, "/linux/namespaces"));
  const more = examineConfig(config, text, known ? allRules : rulesWithoutNamespaces);
  const news = more.filter((problem) => !wrong.some(({ pointer }) => touches(pointer, problem.pointer)));
  return { config, problems: [...told, ...news] };
}

/** One is the other, or within it. */
function touches(one: string, other: string): boolean {
  return `${one}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${one}/`);
}
