import { TsrunError } from "../error.js";
import { type VerbName, globalOptions, isVerb, optionsOf, verbs } from "./grammar.js";
import type { OptionTable } from "./option.js";
import { type Spelled, spell } from "./spell.js";

/** A command line cut into its parts and spelled without room for guesses. */
export interface Prepared {
  /** `--name=value`..., `--`, operands... Names of global options have {@link globalPrefix} before them. */
  readonly line: readonly string[];
  /** The options that occur in the line. */
  readonly table: OptionTable;
  readonly verb: VerbName | undefined;
  /** The first thing that is wrong. The global options are complete all the same: the log has to be opened first. */
  readonly problem: TsrunError | undefined;
}

/** One pass of a parser reads both kinds of options, although `--rootless` is a name of both. */
export const globalPrefix = "global-";

/** Cuts argv (without the program's name) at the verb and respells both halves. */
export function prepare(argv: readonly string[]): Prepared {
  const head = spell(argv, globalOptions, { mixed: false, owner: "", prefix: globalPrefix });
  const [word, ...after] = head.rest;
  if (head.problem !== undefined || word === undefined || asksForText(head)) return withoutVerb(head, head.problem);
  if (!isVerb(word)) return withoutVerb(head, usage(`unknown command ${JSON.stringify(word)}`));
  const tail = spell(after, optionsOf(word), { mixed: !("cut" in verbs[word]), owner: ` of "${word}"`, prefix: "" });
  const problem = tail.problem ?? (asksForText(tail) ? undefined : countProblem(word, tail.rest.length));
  const line = [...head.options, ...tail.options, "--", ...tail.rest];
  return { line, table: { ...head.table, ...tail.table }, verb: word, problem };
}

function withoutVerb({ options, table }: Spelled, problem: TsrunError | undefined): Prepared {
  return { line: [...options, "--"], table, verb: undefined, problem };
}

/** `--help` and `--version` are answered whatever follows. */
function asksForText({ options }: Spelled): boolean {
  return textRequests.some((request) => options.includes(request));
}

const textRequests = ["--help=true", `--${globalPrefix}help=true`, `--${globalPrefix}version=true`];

function countProblem(verb: VerbName, found: number): TsrunError | undefined {
  const operands: readonly { readonly optional?: true; readonly many?: true }[] = verbs[verb].operands;
  const most = operands.some(({ many }) => many === true) ? Infinity : operands.length;
  const least = operands.filter((operand) => operand.optional === undefined).length;
  if (found >= least && found <= most) return undefined;
  const bound = least === most ? "exactly" : found < least ? "a minimum of" : "a maximum of";
  const count = found < least ? least : most;
  return usage(`"${verb}" requires ${bound} ${count} argument${count === 1 ? "" : "s"}, found ${found}`);
}

function usage(sentence: string): TsrunError {
  return new TsrunError("usage", sentence, { op: "command line" });
}
