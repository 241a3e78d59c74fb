import { TsrunError } from "../error.js";
import { type VerbName, globalOptions, isVerb, optionsOf, verbs } from "./grammar.js";
import { spell } from "./spell.js";

/** A command line cut into its parts, each spelled without room for guesses. */
export interface Prepared {
  /** `--name=value` each. */
  readonly globals: readonly string[];
  readonly verb: VerbName | undefined;
  /** `--name=value` each. */
  readonly options: readonly string[];
  readonly operands: readonly string[];
  /** The first thing that is wrong. The globals are complete all the same: the log has to be opened first. */
  readonly problem: TsrunError | undefined;
}

/** Cuts argv (without the program's name) at the verb and respells both halves. */
export function prepare(argv: readonly string[]): Prepared {
  const { options: globals, rest, problem } = spell(argv, globalOptions, { mixed: false, owner: "" });
  const [word, ...after] = rest;
  if (problem !== undefined || word === undefined || asksForText(globals)) return withoutVerb(globals, problem);
  if (!isVerb(word)) return withoutVerb(globals, usage(`unknown command ${JSON.stringify(word)}`));
  const cut = "cut" in verbs[word];
  const tail = spell(after, optionsOf(word), { mixed: !cut, owner: ` of "${word}"` });
  const wrong = tail.problem ?? (asksForText(tail.options) ? undefined : countProblem(word, tail.rest.length));
  return { globals, verb: word, options: tail.options, operands: tail.rest, problem: wrong };
}

function withoutVerb(globals: readonly string[], problem: TsrunError | undefined): Prepared {
  return { globals, verb: undefined, options: [], operands: [], problem };
}

/** `--help` and `--version` are answered whatever follows. */
function asksForText(options: readonly string[]): boolean {
  return options.includes("--help=true") || options.includes("--version=true");
}

function countProblem(verb: VerbName, found: number): TsrunError | undefined {
  const operands: readonly { readonly optional?: true }[] = verbs[verb].operands;
  const most = operands.length;
  const least = operands.filter((operand) => operand.optional === undefined).length;
  if (found >= least && found <= most) return undefined;
  const bound = least === most ? "exactly" : found < least ? "a minimum of" : "a maximum of";
  const count = found < least ? least : most;
  return usage(`"${verb}" requires ${bound} ${count} argument${count === 1 ? "" : "s"}, found ${found}`);
}

function usage(sentence: string): TsrunError {
  return new TsrunError("usage", sentence, { op: "command line" });
}
