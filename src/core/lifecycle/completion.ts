import { completionScripts } from "../command/completion.js";
import { TsrunError } from "../error.js";
import { lookup } from "../tables/lookup.js";
import type { Verb } from "./verb.js";

/** Prints the completion script of a shell. */
export const completion: Verb = ({ door, operands: [shell = ""] }) => {
  const script = lookup(completionScripts, shell);
  if (script === undefined)
    throw new TsrunError("usage", `unknown shell ${JSON.stringify(shell)}, expected bash, zsh or fish`);
  door.print(1, script());
  return 0;
};
