import { isVerb } from "../command/grammar.js";
import { programHelp, verbHelp } from "../command/help.js";
import { TsrunError } from "../error.js";
import type { Verb } from "./verb.js";

/** Prints help of the program, or of the verb named by the operand. */
export const help: Verb = ({ door, host, operands: [topic] }) => {
  if (topic !== undefined && !isVerb(topic)) throw new TsrunError("usage", `No help topic for '${topic}'`);
  const bold = host.terminals[1] && (host.env["NO_COLOR"] ?? "") === "";
  door.print(1, topic === undefined ? programHelp(bold) : verbHelp(topic, bold));
  return 0;
};
