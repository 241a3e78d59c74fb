import { TsrunError } from "../error.js";
import type { Config, Process } from "../generated/config.js";
import { misfits } from "../generated/validate-process.js";
import { JsonError } from "./json.js";
import { parseExactly } from "./parse.js";
import { show } from "./problem.js";
import { processRules } from "./rules/process.js";
import { mayHoldBadStrings, stringRules } from "./rules/strings.js";
import { unsupportedRequests } from "./unsupported.js";

const section = "/process";

/**
 * The process that a text describes, by the same rules as `process` of config.json. Fails with the first problem, like
 * `process.json: /cwd: expected a string, found null`.
 */
export function readProcess(text: string): Process {
  const { value, misfits: wrong } = parsed(text);
  const misfit = wrong[0];
  if (misfit !== undefined) throw refusal(misfit.pointer, misfit.expected, show(misfit.value));
  const process = value as Process;
  if (mayHoldBadStrings(text))
    stringRules(process, "", (pointer, expected, found) => {
      throw refusal(pointer, expected, found);
    });
  const config: Config = { ociVersion: "", process };
  processRules(config, (pointer, expected, found) => {
    throw refusal(pointer.slice(section.length), expected, found);
  });
  for (const request of unsupportedRequests(config)) {
    const pointer = request.pointer.slice(section.length);
    throw new TsrunError("unsupported", `process.json: ${pointer}: not supported by tsrun yet`, { pointer });
  }
  return process;
}

function parsed(text: string): ReturnType<typeof parseExactly> {
  try {
    return parseExactly(text, misfits);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new TsrunError("config", `process.json: ${error.message}`, { cause: error });
  }
}

function refusal(pointer: string, expected: string, found: string): TsrunError {
  const place = pointer === "" ? "" : `${pointer}: `;
  return new TsrunError("config", `process.json: ${place}expected ${expected}, found ${found}`, { pointer });
}
