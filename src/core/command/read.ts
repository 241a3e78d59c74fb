import { TsrunError } from "../error.js";
import { type Option, type OptionTable, type ValuesOf, nthName } from "./option.js";

/**
 * What a front's parser makes of a line that `prepare` spelled: the last value of each option that was given
 * (flags as booleans, all others as text) and the operands.
 */
export interface Parsed {
  readonly values: Readonly<Record<string, unknown>>;
  readonly operands: readonly string[];
}

/** A front's parser. `line` is `--name=value`..., `--`, operands... */
export type Parse = (line: readonly string[], table: OptionTable) => Parsed | Promise<Parsed>;

/**
 * Checks the values of the options of table, which have prefix before their names. Fails with the first that is wrong: which flag, what was
 * expected, what was found.
 */
export function readValues<Table extends OptionTable>(
  table: Table,
  values: Parsed["values"],
  prefix = "",
): ValuesOf<Table> {
  const read: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(table)) {
    if (option.kind === "list") {
      const list = readList(values, prefix + name);
      if (list.length > 0) read[name] = list;
      continue;
    }
    const value = values[prefix + name];
    if (value !== undefined && value !== "") read[name] = readValue(name, option, value);
    else if (value === "" && option.kind === "count") throw wrong(name, option, value);
  }
  return read as ValuesOf<Table>;
}

/** An option that may be given several times has a name of its own each time (spell.ts): parsers keep the last value of a name. */
function readList(values: Parsed["values"], name: string): readonly string[] {
  const list: string[] = [];
  for (;;) {
    const value = values[nthName(name, list.length)];
    if (typeof value !== "string") return list;
    list.push(value);
  }
}

function readValue(name: string, option: Option, value: unknown): string | number | boolean {
  switch (option.kind) {
    case "flag":
      return value === true;
    case "text":
    case "list":
      return String(value);
    case "choice": {
      const word = option.of.find((choice) => choice === value);
      if (word === undefined) throw wrong(name, option, value);
      return word;
    }
    case "count": {
      const count = wholeNumber(String(value), option.max);
      if (count === undefined) throw wrong(name, option, value);
      return count;
    }
  }
}

/** Decimal digits only, at most `max`. */
export function wholeNumber(text: string, max: number): number | undefined {
  let number = text === "" ? undefined : 0;
  for (const character of text) {
    const digit = "0123456789".indexOf(character);
    if (digit < 0 || number === undefined) return undefined;
    number = number * 10 + digit;
    if (number > max) return undefined;
  }
  return number;
}

function wrong(name: string, option: Option, found: unknown): TsrunError {
  const shown = JSON.stringify(String(found));
  // The words that runc has for it.
  if (name === "log-format") return new TsrunError("usage", `invalid log-format: ${shown}, expected text or json`);
  return new TsrunError("usage", `invalid value of --${name}: expected ${expected(option)}, found ${shown}`);
}

function expected(option: Option): string {
  switch (option.kind) {
    case "flag":
      return "true or false";
    case "text":
    case "list":
      return "a text";
    case "choice":
      return `${option.of.slice(0, -1).join(", ")} or ${option.of.at(-1) ?? ""}`;
    case "count":
      return `a whole number from 0 to ${option.max}`;
  }
}
