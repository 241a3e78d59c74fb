import yargsParser from "yargs-parser/browser";
import type { OptionTable } from "../core/command/option.js";
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

/** Parses a spelled line with yargs-parser. */
export function parse(line: readonly string[], table: OptionTable): Parsed {
  const names = Object.keys(table);
  const boolean = names.filter((name) => table[name]?.kind === "flag");
  const string = names.filter((name) => table[name]?.kind !== "flag");
  const { _: operands, ...values } = yargsParser([...line], { boolean, string, configuration });
  return { values, operands: operands.map(String) };
}
