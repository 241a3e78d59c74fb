import type { OptionTable } from "../core/command/option.js";
import type { Parsed } from "../core/command/read.js";

/**
 * Reads a spelled line. Nothing is left in it that a parser would have to guess, and yargs-parser would take longer to load and
 * to run than all else that the engine does for `state`.
 */
export function parse(line: readonly string[], table: OptionTable): Parsed {
  const end = line.indexOf("--");
  const values: Record<string, string | boolean> = {};
  for (const word of line.slice(0, end)) {
    const equals = word.indexOf("=");
    const name = word.slice(2, equals);
    const value = word.slice(equals + 1);
    values[name] = table[name]?.kind === "flag" ? value === "true" : value;
  }
  return { values, operands: line.slice(end + 1) };
}
