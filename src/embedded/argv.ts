import type yargsParserOfNode from "yargs-parser";
// @ts-expect-error The build that asks nothing of its host has no types of its own.
import untyped from "yargs-parser/browser";
import type { OptionTable } from "../core/command/option.js";
import type { Parsed } from "../core/command/read.js";

const yargsParser = untyped as typeof yargsParserOfNode;

/** The last value wins, and names and operands stay as they are; the spelling of the line rules out all else that could be guessed. */
const configuration = {
  "camel-case-expansion": false,
  "duplicate-arguments-array": false,
  "parse-positional-numbers": false,
};

/** Parses a spelled line with yargs-parser. */
export function parse(line: readonly string[], table: OptionTable): Parsed {
  const names = Object.keys(table);
  const boolean = names.filter((name) => table[name]?.kind === "flag");
  const string = names.filter((name) => table[name]?.kind !== "flag");
  // An option with a count of values keeps the quotes that stand in them.
  const narg = Object.fromEntries(string.map((name) => [name, 1]));
  const { _: operands, ...values } = yargsParser([...line], { boolean, string, narg, configuration });
  return { values, operands: operands.map(String) };
}
