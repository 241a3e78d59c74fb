/** Numbers as they stand in a JSON text, and places in it. */

/** A number's value, and how many characters it takes. */
export interface NumberLexeme {
  readonly value: number | bigint | symbol;
  readonly length: number;
}

/** No integer of a configuration has more than 20 digits; beyond this the exact value is of no use to anybody. */
const mostDigits = 40;

export const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

/** The number that stands at a place of the text: an exact integer, or a symbol that is described by the number's text. */
export function numberAt(text: string, start: number): NumberLexeme | undefined {
  const negative = text[start] === "-";
  const first = negative ? start + 1 : start;
  const whole = text[first] === "0" ? first + 1 : digitsEnd(text, first);
  if (whole === first) return undefined;
  const point = text[whole] === "." ? digitsEnd(text, whole + 1) : whole;
  const fraction = point > whole + 1 ? text.slice(whole + 1, point) : "";
  const mantissaEnd = fraction === "" ? whole : point;
  const exponent = exponentAt(text, mantissaEnd);
  const end = mantissaEnd + exponent.length;
  const digits = integerDigits(text.slice(first, whole), fraction, exponent.value);
  if (digits === undefined) return { value: Symbol(text.slice(start, end)), length: end - start };
  return { value: integer(digits, negative), length: end - start };
}

function digitsEnd(text: string, start: number): number {
  let at = start;
  while (isDigit(text.charCodeAt(at))) at++;
  return at;
}

/** Absent: 0, of length 0. Absurd ones are cut: both signs of a million give no integer of `mostDigits`. */
function exponentAt(text: string, at: number): { readonly value: number; readonly length: number } {
  if (text[at] !== "e" && text[at] !== "E") return { value: 0, length: 0 };
  const sign = text[at + 1];
  const first = sign === "+" || sign === "-" ? at + 2 : at + 1;
  const end = digitsEnd(text, first);
  if (end === first) return { value: 0, length: 0 };
  let value = 0;
  for (let i = first; i < end && value < 1_000_000; i++) value = value * 10 + (text.charCodeAt(i) - 0x30);
  return { value: sign === "-" ? -value : value, length: end - at };
}

/** The decimal digits of an integer; undefined for any other number. */
function integerDigits(whole: string, fraction: string, exponent: number): string | undefined {
  const digits = whole + fraction;
  let end = digits.length;
  while (digits[end - 1] === "0") end--;
  if (end === 0) return "0";
  const zeros = digits.length - end + exponent - fraction.length;
  if (zeros < 0 || end + zeros > mostDigits) return undefined;
  return digits.slice(0, end) + "0".repeat(zeros);
}

function integer(digits: string, negative: boolean): number | bigint {
  if (digits.length > 15) {
    const value = BigInt(digits);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) return negative ? -value : value;
  }
  let value = 0;
  for (let i = 0; i < digits.length; i++) value = value * 10 + (digits.charCodeAt(i) - 0x30);
  return negative ? 0 - value : value;
}

/** `line 3, column 14`, both from 1; a column is a UTF-16 unit. */
export function lineAndColumn(text: string, at: number): string {
  let line = 1;
  let begin = 0;
  for (let end = text.indexOf("\n"); end >= 0 && end < at; end = text.indexOf("\n", begin)) {
    line++;
    begin = end + 1;
  }
  return `line ${line}, column ${at - begin + 1}`;
}
