import yargs, { type Options as YargsOption } from "yargs";
import type { Option, OptionTable } from "../core/command/option.js";
import type { Parsed } from "../core/command/read.js";

/** All that the parser would guess is switched off; the line is spelled out already. */
const configuration = {
  "boolean-negation": false,
  "camel-case-expansion": false,
  "dot-notation": false,
  "duplicate-arguments-array": false,
  "greedy-arrays": false,
  "parse-numbers": false,
  "parse-positional-numbers": false,
  "short-option-groups": false,
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
