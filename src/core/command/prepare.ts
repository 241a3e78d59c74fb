import { type Operand, type VerbName, globalOptions, isVerb, optionsOf, verbs } from "./grammar.js";
import type { Mistake } from "./mistake.js";
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
  readonly mistake: Mistake | undefined;
}

/** One pass of a parser reads both kinds of options, although `--rootless` is a name of both. */
export const globalPrefix = "global-";

/** Cuts argv (without the program's name) at the verb and respells both halves. */
export function prepare(argv: readonly string[]): Prepared {
  const head = spell(argv, globalOptions, { mixed: false, verb: undefined, prefix: globalPrefix });
  const [word, ...after] = head.rest;
  if (head.mistake !== undefined || word === undefined || asksForText(head)) return withoutVerb(head, head.mistake);
  if (!isVerb(word)) return withoutVerb(head, { kind: "command", word });
  const tail = spell(after, optionsOf(word), { mixed: !("cut" in verbs[word]), verb: word, prefix: "" });
  const mistake = tail.mistake ?? (asksForText(tail) ? undefined : miscount(word, tail.rest.length));
  const line = [...head.options, ...tail.options, "--", ...tail.rest];
  return { line, table: { ...head.table, ...tail.table }, verb: word, mistake };
}

function withoutVerb({ options, table }: Spelled, mistake: Mistake | undefined): Prepared {
  return { line: [...options, "--"], table, verb: undefined, mistake };
}

/** `--help` and `--version` are answered whatever follows. */
function asksForText({ options }: Spelled): boolean {
  return textRequests.some((request) => options.includes(request));
}

const textRequests = ["--help=true", `--${globalPrefix}help=true`, `--${globalPrefix}version=true`];

function miscount(verb: VerbName, found: number): Mistake | undefined {
  const operands: readonly Operand[] = verbs[verb].operands;
  const most = operands.some(({ many }) => many === true) ? Infinity : operands.length;
  const least = operands.filter((operand) => operand.optional === undefined).length;
  return found >= least && found <= most ? undefined : { kind: "count", verb, found };
}
