import yargs, { type Options as YargsOption } from "yargs";
import type { Option, OptionTable } from "../core/command/option.js";
import type { Parsed } from "../core/command/read.js";

/** The last value wins, and names and operands stay as they are; the spelling of the line rules out all else that could be guessed. */
const configuration = {
  "camel-case-expansion": false,
  "duplicate-arguments-array": false,
  "parse-positional-numbers": false,
};

/** Parses a spelled line with yargs. Help is the core's, the same on both fronts. */
export function parse(line: readonly string[], table: OptionTable): Parsed {
  const parser = yargs([])
    .help(false)
    .version(false)
    .detectLocale(false)
    .exitProcess(false)
    .parserConfiguration(configuration)
    .options(Object.fromEntries(Object.entries(table).map(([name, option]) => [name, described(option)])))
    .fail(false);
  const { _: operands, ...values } = parser.parseSync([...line]);
  return { values, operands: operands.map(String) };
}

function described(option: Option): YargsOption {
  // An option with a count of values keeps the quotes that stand in them.
  return option.kind === "flag" ? { type: "boolean" } : { type: "string", nargs: 1 };
}
