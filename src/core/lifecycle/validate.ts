import { absolutePath } from "../command/globals.js";
import type { Problem } from "../config/problem.js";
import { examine } from "../config/read.js";
import { TsrunError } from "../error.js";
import type { Config } from "../generated/config.js";
import { canonicalBundle, rootfsOf } from "./bundle.js";
import type { Context, Verb } from "./verb.js";

/**
 * Says all that is wrong with a bundle and all that weakens its container, one line for each; with --json one array of both, advice
 * by its code. Fails when something is wrong, with --strict also when something is weak.
 */
export const validate: Verb = async (context) => {
  const { door, options } = context;
  const bundle = canonicalBundle(context);
  const { config, problems } = examine(door.readConfig(absolutePath(bundle, options.config ?? "config.json")));
  const inRoot = ({ pointer }: Problem) => pointer === "" || pointer.startsWith("/root");
  const wrong = [
    ...problems.map((problem) => ({ ...problem, message: `config.json: ${problem.message}` })),
    ...(config === undefined || problems.some(inRoot) ? [] : rootfsProblems(context, bundle, config)),
  ];
  const { advise } = await import("../config/advice/advise.js");
  const weak = (config === undefined ? [] : advise(config))
    .filter(({ pointer }) => !wrong.some((problem) => `${pointer}/`.startsWith(`${problem.pointer}/`)))
    .map((advice) => ({ ...advice, message: `config.json: ${advice.message}` }));
  const all = [...wrong, ...weak];
  if (options.json === true) door.print(1, `${JSON.stringify(all, null, 2)}\n`);
  else door.print(1, all.map(({ message }) => `${message}\n`).join(""));
  return wrong.length === 0 && (options.strict !== true || weak.length === 0) ? 0 : 1;
};

function rootfsProblems(context: Context, bundle: string, config: Config): readonly Problem[] {
  try {
    rootfsOf(context, bundle, config);
    return [];
  } catch (error) {
    if (!(error instanceof TsrunError) || error.code !== "config") throw error;
    const pointer = error.pointer ?? "/root/path";
    const found = error.message.split(", found ")[1] ?? "";
    return [{ pointer, code: "config", expected: "a directory", found, message: error.message }];
  }
}
