import { TsrunError } from "../error.js";
import { lookup } from "../tables/lookup.js";
import type { Option, OptionTable } from "./option.js";

/** Words respelled: options as `--name=value`, all else in `rest`. */
export interface Spelled {
  readonly options: readonly string[];
  /** The options that occur, under the names they have in `options`. */
  readonly table: OptionTable;
  readonly rest: readonly string[];
  /** The first thing that is wrong; reading went on after it. */
  readonly problem: TsrunError | undefined;
}

export interface Reading {
  /** Options may follow operands; otherwise the first operand ends them. */
  readonly mixed: boolean;
  /** Put after the name of an unknown flag: ` of "create"`. */
  readonly owner: string;
  /** Put before the names of options: two tables may have a name in common. */
  readonly prefix: string;
}

/**
 * Reads words as callers of runc write them: one dash or two before a long name, `=` or a word of its own for the value, whatever it
 * looks like, `--` as the end of options, a lone `-` as an operand. Parsers for the general public would take `--no-pivot` for `--pivot`
 * negated, `true` after a flag for its value, and a value that begins with a dash for an option; after this there is nothing to take wrongly.
 */
export function spell(words: readonly string[], table: OptionTable, reading: Reading): Spelled {
  const options: string[] = [];
  const occurring: Record<string, Option> = {};
  const rest: string[] = [];
  let problem: TsrunError | undefined;
  let index = 0;
  while (index < words.length) {
    const word = words[index] ?? "";
    index += 1;
    if (word === "--") break;
    if (word.length < 2 || !word.startsWith("-")) {
      rest.push(word);
      if (reading.mixed) continue;
      break;
    }
    const read = readOption(word, words[index], table, reading.owner);
    index += read.taken;
    if (read.problem !== undefined) problem ??= read.problem;
    else {
      options.push(`--${reading.prefix}${read.name}=${read.value}`);
      occurring[reading.prefix + read.name] = read.option;
    }
  }
  for (; index < words.length; index += 1) rest.push(words[index] ?? "");
  return { options, table: occurring, rest, problem };
}

/** One option; `taken` words after its own belong to it. */
type ReadOption =
  | { readonly problem: TsrunError; readonly taken: number }
  | {
      readonly problem?: never;
      readonly name: string;
      readonly option: Option;
      readonly value: string;
      readonly taken: number;
    };

function readOption(word: string, next: string | undefined, table: OptionTable, owner: string): ReadOption {
  const equals = word.indexOf("=");
  const dashed = equals < 0 ? word : word.slice(0, equals);
  const joined = equals < 0 ? undefined : word.slice(equals + 1);
  const name = longName(dashed.slice(dashed.startsWith("--") ? 2 : 1), table);
  const option = name === undefined ? undefined : lookup(table, name);
  if (name === undefined || option === undefined) return refuse(`unknown flag ${JSON.stringify(dashed)}${owner}`);
  if (option.kind === "flag") return readFlag(name, option, joined ?? "true");
  const value = joined ?? next;
  const taken = joined === undefined ? 1 : 0;
  if (value === undefined) return refuse(`flag needs an argument: ${dashed}`);
  if (option.unbuilt === true) {
    return { problem: new TsrunError("unsupported", `--${name} is not supported yet`), taken };
  }
  return { name, option, value, taken };
}

function refuse(sentence: string): ReadOption {
  return { problem: new TsrunError("usage", sentence, { op: "command line" }), taken: 0 };
}

function longName(name: string, table: OptionTable): string | undefined {
  if (name.length !== 1) return name;
  return Object.keys(table).find((long) => table[long]?.alias === name);
}

/** The words of Go's strconv.ParseBool, which callers may use. */
const truths: Readonly<Record<string, boolean>> = {
  ...{ "1": true, t: true, T: true, true: true, TRUE: true, True: true },
  ...{ "0": false, f: false, F: false, false: false, FALSE: false, False: false },
};

function readFlag(name: string, option: Option, value: string): ReadOption {
  const truth = lookup(truths, value);
  if (truth === undefined) {
    return refuse(`invalid value of --${name}: expected true or false, found ${JSON.stringify(value)}`);
  }
  return { name, option, value: truth ? "true" : "false", taken: 0 };
}
