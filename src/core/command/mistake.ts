import type { Door } from "../door.js";
import { TsrunError } from "../error.js";
import { type Operand, type VerbName, globalOptions, optionsOf, verbs } from "./grammar.js";
import { verbHelp } from "./help.js";
import { nearest } from "./near.js";

/** What is wrong with a command line; the words for it are found only when there is one. */
export type Mistake =
  | { readonly kind: "command"; readonly word: string }
  | { readonly kind: "flag"; readonly word: string; readonly verb: VerbName | undefined }
  | { readonly kind: "value"; readonly word: string }
  | { readonly kind: "truth"; readonly name: string; readonly found: string }
  | { readonly kind: "unbuilt"; readonly name: string }
  | { readonly kind: "count"; readonly verb: VerbName; readonly found: number };

/** The error to be told. A wrong count of arguments has the verb's help printed, as runc does. */
export function explainMistake(door: Door, mistake: Mistake): TsrunError {
  if (mistake.kind === "count") door.print(1, `Incorrect Usage.\n\n${verbHelp(mistake.verb)}`);
  return new TsrunError(mistake.kind === "unbuilt" ? "unsupported" : "usage", sentenceOf(mistake), {
    op: "command line",
  });
}

export function sentenceOf(mistake: Mistake): string {
  switch (mistake.kind) {
    case "command":
      return `unknown command ${JSON.stringify(mistake.word)}${meant(mistake.word, Object.keys(verbs))}`;
    case "flag": {
      const { word, verb } = mistake;
      const names = Object.keys(verb === undefined ? globalOptions : optionsOf(verb)).map((name) => `--${name}`);
      const owner = verb === undefined ? "" : ` of "${verb}"`;
      return `unknown flag ${JSON.stringify(word)}${owner}${meant(word, names)}`;
    }
    case "value":
      return `flag needs an argument: ${mistake.word}`;
    case "truth":
      return `invalid value of --${mistake.name}: expected true or false, found ${JSON.stringify(mistake.found)}`;
    case "unbuilt":
      return `--${mistake.name} is not supported yet`;
    case "count":
      return countSentence(mistake.verb, mistake.found);
  }
}

function meant(word: string, among: readonly string[]): string {
  const near = nearest(word, among);
  return near === undefined ? "" : `, did you mean "${near}"?`;
}

/** runc's words, and what was found. */
function countSentence(verb: VerbName, found: number): string {
  const operands: readonly Operand[] = verbs[verb].operands;
  const most = operands.some(({ many }) => many === true) ? Infinity : operands.length;
  const least = operands.filter((operand) => operand.optional === undefined).length;
  const bound = least === most ? "exactly" : found < least ? "a minimum of" : "a maximum of";
  return `"${verb}" requires ${bound} ${found < least ? least : most} argument(s), found ${found}`;
}
