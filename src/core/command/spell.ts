import { lookup } from "../tables/lookup.js";
import type { VerbName } from "./grammar.js";
import type { Mistake } from "./mistake.js";
import { type Option, type OptionTable, nthName } from "./option.js";

/** Words respelled: options as `--name=value`, all else in `rest`. */
export interface Spelled {
  readonly options: readonly string[];
  /** The options that occur, under the names they have in `options`. */
  readonly table: OptionTable;
  readonly rest: readonly string[];
  /** The first thing that is wrong; reading went on after it. */
  readonly mistake: Mistake | undefined;
}

export interface Reading {
  /** Options may follow operands; otherwise the first operand ends them. */
  readonly mixed: boolean;
  /** Whose options they are; `undefined` for the program's own. */
  readonly verb: VerbName | undefined;
  /** Put before the names of options: two tables may have a name in common. */
  readonly prefix: string;
}

/**
 * Reads words as callers of runc write them: one dash or two before a long name, `=` or a word of its own for the value, whatever it
 * looks like, `--` as the end of options, a lone `-` as an operand; and as callers of crun do: beginnings of long names that fit one only,
 * and letters behind one dash. Parsers for the general public would take `--no-pivot` for `--pivot` negated, `true` after a flag for its
 * value, and a value that begins with a dash for an option; after this there is nothing to take wrongly.
 */
export function spell(words: readonly string[], table: OptionTable, { mixed, verb, prefix }: Reading): Spelled {
  const options: string[] = [];
  const occurring: Record<string, Option> = {};
  const rest: string[] = [];
  let mistake: Mistake | undefined;
  let index = 0;
  while (index < words.length) {
    const word = words[index] ?? "";
    index += 1;
    if (word === "--") break;
    if (word.length < 2 || !word.startsWith("-")) {
      rest.push(word);
      if (mixed) continue;
      break;
    }
    for (const single of ungrouped(word, table)) {
      const read = readOption(single, words[index], table, verb);
      index += read.taken;
      if (read.mistake !== undefined) mistake ??= read.mistake;
      else {
        let name = prefix + read.name;
        for (let n = 1; read.option.kind === "list" && name in occurring; n += 1) name = nthName(prefix + read.name, n);
        options.push(`--${name}=${read.value}`);
        occurring[name] = read.option;
      }
    }
  }
  for (; index < words.length; index += 1) rest.push(words[index] ?? "");
  return { options, table: occurring, rest, mistake };
}

/**
 * `-dt` is `-d -t`. A letter that takes a value may be the last only, with the value in the next word: were `-bDIR` allowed, a
 * misspelt `-bundel` would be a directory.
 */
function ungrouped(word: string, table: OptionTable): readonly string[] {
  const letters = word.slice(1);
  if (letters.length < 2 || word[1] === "-" || letters.includes("=") || lookup(table, letters) !== undefined)
    return [word];
  const kinds = Array.from(letters, (letter) => lookup(table, ofLetter(letter, table) ?? "")?.kind);
  const fit = kinds.every((kind, place) => (place < kinds.length - 1 ? kind === "flag" : kind !== undefined));
  return fit ? Array.from(letters, (letter) => `-${letter}`) : [word];
}

/** One option; `taken` words after its own belong to it. */
type ReadOption =
  | { readonly mistake: Mistake; readonly taken: number }
  | {
      readonly mistake?: never;
      readonly name: string;
      readonly option: Option;
      readonly value: string;
      readonly taken: number;
    };

function readOption(
  word: string,
  next: string | undefined,
  table: OptionTable,
  verb: VerbName | undefined,
): ReadOption {
  const equals = word.indexOf("=");
  const dashed = equals < 0 ? word : word.slice(0, equals);
  const joined = equals < 0 ? undefined : word.slice(equals + 1);
  const name = longName(dashed, table);
  const option = name === undefined ? undefined : lookup(table, name);
  if (name === undefined || option === undefined) return { mistake: { kind: "flag", word: dashed, verb }, taken: 0 };
  if (option.kind === "flag") return readFlag(name, option, joined ?? "true");
  const value = joined ?? next;
  const taken = joined === undefined ? 1 : 0;
  if (value === undefined) return { mistake: { kind: "value", word: dashed }, taken: 0 };
  if (option.unbuilt === true) return { mistake: { kind: "unbuilt", name }, taken };
  return { name, option, value, taken };
}

/** A letter, a name, or the beginning of one name only; behind one dash a name is whole. */
function longName(dashed: string, table: OptionTable): string | undefined {
  const name = dashed.slice(dashed.startsWith("--") ? 2 : 1);
  if (name.length === 1) return ofLetter(name, table);
  if (lookup(table, name) !== undefined || !dashed.startsWith("--") || name === "") return name;
  const [only, another] = Object.keys(table).filter((long) => long.startsWith(name));
  return another === undefined ? only : undefined;
}

function ofLetter(letter: string, table: OptionTable): string | undefined {
  return Object.keys(table).find((long) => table[long]?.alias === letter);
}

/** The words of Go's strconv.ParseBool, which callers may use. */
const truths: Readonly<Record<string, boolean>> = {
  ...{ "1": true, t: true, T: true, true: true, TRUE: true, True: true },
  ...{ "0": false, f: false, F: false, false: false, FALSE: false, False: false },
};

function readFlag(name: string, option: Option, value: string): ReadOption {
  const truth = lookup(truths, value);
  if (truth === undefined) return { mistake: { kind: "truth", name, found: value }, taken: 0 };
  return { name, option, value: truth ? "true" : "false", taken: 0 };
}
