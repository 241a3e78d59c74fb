import { TsrunError } from "../error.js";
import type { Config } from "../generated/config.js";
import { misfits } from "../generated/validate-config.js";
import type { Misfit } from "./check.js";
import { JsonError, mayHideFraction, readExactly } from "./json.js";
import { type Problem, configProblem, show } from "./problem.js";

/** A text's value, and what the schema says against it. */
interface Reading {
  readonly value: unknown;
  readonly misfits: readonly Misfit[];
}

/**
 * The configuration that a config.json holds: as the schema says, obeying the rules, and without anything that tsrun does not support.
 * Fails with the first problem: `config.json: /process/cwd: expected a string, found null`.
 */
export function readConfig(text: string): Config {
  const [problem] = problems(text);
  if (problem !== undefined)
    throw new TsrunError(problem.code, `config.json: ${problem.message}`, { pointer: problem.pointer });
  return readText(text).value as Config;
}

/** All problems of a config.json: what is not as the schema says first, then rules, then what is not supported. */
export function problems(text: string): readonly Problem[] {
  try {
    return readText(text).misfits.map((misfit) => configProblem(misfit.pointer, misfit.expected, show(misfit.value)));
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return [{ pointer: "", code: "config", expected: "JSON", found: "something else", message: error.message }];
  }
}

/** JSON.parse is exact for most texts, and where it is not, some integer looks wrong: only then the slow reader is worth its time. */
function readText(text: string): Reading {
  const value = mayHideFraction(text) ? undefined : parse(text);
  if (value !== undefined && misfits(value).length === 0) return { value, misfits: [] };
  const exact = readExactly(text);
  return { value: exact, misfits: misfits(exact) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
