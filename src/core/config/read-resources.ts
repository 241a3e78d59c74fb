import { TsrunError } from "../error.js";
import type { Resources } from "../generated/config.js";
import { JsonError, readExactly } from "./json.js";
import { examine } from "./read.js";

const place = "/linux/resources";

/**
 * The resources that a text holds which is only them, as `update --resources` gets it. Fails with the first problem, whose pointer starts at
 * the resources; `name` says where the text is from.
 */
export function readResources(text: string, name: string): Resources {
  try {
    // alone: what is around it below must not be closed by it
    JSON.parse(text);
  } catch {
    refuseText(text, name);
  }
  const bundle = `{"ociVersion":"1.0.0","root":{"path":"/"},"process":{"cwd":"/","args":["-"]},"linux":{"resources":${text}}}`;
  const { config, problems } = examine(bundle);
  const [problem] = problems;
  if (problem === undefined) return config?.linux?.resources ?? {};
  const pointer = problem.pointer.slice(place.length);
  const message = problem.message.replace(problem.pointer, pointer).replace(/^: /, "");
  throw new TsrunError(problem.code, `${name}: ${message}`, { pointer });
}

function refuseText(text: string, name: string): never {
  try {
    readExactly(text);
  } catch (cause) {
    if (cause instanceof JsonError) throw new TsrunError("config", `${name}: ${cause.message}`, { cause });
    throw cause;
  }
  throw new TsrunError("config", `${name}: expected JSON, found something else`);
}
