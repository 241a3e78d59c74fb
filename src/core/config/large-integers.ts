import type { Misfit } from "./check.js";
import { mark, standsAsValue } from "./json.js";
import { isDigit } from "./lexeme.js";

const prefix = "exactly ";

/**
 * Most texts that JSON.parse rounds have a few `18446744073709551615` among their limits, and are read exactly with little more than a second
 * JSON.parse: those integers are put in quotes for it, and made bigint where a misfit says that they were rounded. Undefined where that does not
 * do: the exact reader always does.
 */
export function readLargeIntegers(text: string, misfits: readonly Misfit[]): unknown {
  if (text.includes(`"${prefix}`)) return undefined;
  let quoted = text;
  for (const { value } of misfits) {
    if (typeof value !== "number" || !Number.isInteger(value) || Number.isSafeInteger(value)) return undefined;
    // a double is right in its first fifteen digits
    quoted = quoteDigits(quoted, String(BigInt(value)).replace("-", "").slice(0, 15));
  }
  try {
    const result: unknown = JSON.parse(quoted);
    return misfits.every(({ pointer }) => restore(result, pointer.split("/").slice(1))) ? result : undefined;
  } catch {
    // digits within a string
    return undefined;
  }
}

function quoteDigits(text: string, start: string): string {
  let result = "";
  let done = 0;
  for (let at = text.indexOf(start); at >= 0; at = text.indexOf(start, at + 1)) {
    let end = at + start.length;
    while (isDigit(text.charCodeAt(end))) end++;
    const first = text[at - 1] === "-" ? at - 1 : at;
    const next = text.charCodeAt(end);
    const ends = next <= 0x20 || next === mark.comma || next === mark.objectEnd || next === mark.arrayEnd;
    if (!ends || !standsAsValue(text, first)) continue;
    result += `${text.slice(done, first)}"${prefix}${text.slice(first, end)}"`;
    done = end;
  }
  return result + text.slice(done);
}

/** False where no quoted integer stands. No pointer to a number has an escaped step: those are names of the schema, or indices. */
function restore(value: unknown, steps: readonly string[]): boolean {
  const [step = "", ...rest] = steps;
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return false;
  const holder = value as Record<string, unknown>;
  const member = holder[step];
  if (rest.length > 0) return restore(member, rest);
  if (typeof member !== "string" || !member.startsWith(prefix)) return false;
  holder[step] = BigInt(member.slice(prefix.length));
  return true;
}
