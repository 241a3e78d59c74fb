import { isDigit, lineAndColumn, numberAt } from "./lexeme.js";

/** A text that is not JSON. `message` is like `line 3, column 14: expected ',' or '}', found 'x'`. */
export class JsonError extends Error {
  override readonly name = "JsonError";
}

/** Far beyond what any configuration needs, and far below what the stack of an engine bears. */
const deepest = 64;

/**
 * Reads JSON (RFC 8259) without losing anything: integers beyond 2^53 become bigint, numbers that are no integers become a symbol whose
 * description is their text, so that nobody calculates with them. As with JSON.parse, the last of several equal names wins.
 * Several times as slow as JSON.parse, less so where `valid` says that JSON.parse took the text.
 */
export function readExactly(text: string, valid = false): unknown {
  return new Reader(text, valid).document();
}

/**
 * Whether JSON.parse may have rounded a number of the text to an integer that looks exact: only a fraction or a negative exponent can do that.
 * Cheap, and true now and then for a text that merely has such a number in a string.
 */
export function mayHideFraction(text: string): boolean {
  return [".", "e-", "E-"].some((sign) => {
    for (let at = text.indexOf(sign); at >= 0; at = text.indexOf(sign, at + 1)) {
      if (followsNumber(text, at)) return true;
    }
    return false;
  });
}

/** Whether the digits before a place stand where a value of an array or of a member begins. */
function followsNumber(text: string, end: number): boolean {
  let at = end;
  while (isDigit(text.charCodeAt(at - 1))) at--;
  if (at === end) return false;
  return standsAsValue(text, text[at - 1] === "-" ? at - 1 : at);
}

/** Whether a place is where a value of an array or of a member begins; it may be within a string that looks like JSON. */
export function standsAsValue(text: string, start: number): boolean {
  const at = skipBack(text, start);
  const before = text[at - 1];
  // a time of day has colons, too: a member's name ends in a quote
  if (before === ":") return text[skipBack(text, at - 1) - 1] === '"';
  return before === undefined || before === "," || before === "[";
}

function skipBack(text: string, end: number): number {
  let at = end;
  while (isSpace(text.charCodeAt(at - 1))) at--;
  return at;
}

const isSpace = (code: number) => code <= 0x20 && (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09);

/** Codes: QuickJS makes a new string for each text[i]. */
export const mark = {
  quote: 0x22,
  comma: 0x2c,
  colon: 0x3a,
  array: 0x5b,
  arrayEnd: 0x5d,
  object: 0x7b,
  objectEnd: 0x7d,
} as const;

const constants: readonly (readonly [string, boolean | null])[] = [
  ["true", true],
  ["false", false],
  ["null", null],
];

// private by the keyword: QuickJS is slow at #names
class Reader {
  private readonly text: string;
  /** JSON.parse took the text: a string without a backslash is what stands there. */
  private readonly valid: boolean;
  private at = 0;
  private depth = 0;
  /** The next backslash, from `at` on. */
  private backslash: number;

  constructor(text: string, valid: boolean) {
    this.text = text;
    this.valid = valid;
    this.backslash = text.indexOf("\\");
  }

  document(): unknown {
    const value = this.value();
    this.next();
    if (this.at < this.text.length) this.fail("the end of the text");
    return value;
  }

  private value(): unknown {
    const first = this.next();
    if (first === mark.quote) return this.string();
    if (first === mark.object || first === mark.array) return this.nested(first);
    const number = numberAt(this.text, this.at);
    if (number !== undefined) {
      this.at += number.length;
      return number.value;
    }
    for (const [word, value] of constants) {
      if (!this.text.startsWith(word, this.at)) continue;
      this.at += word.length;
      return value;
    }
    return this.fail("a value");
  }

  private nested(first: number): unknown {
    if (this.depth === deepest) this.fail(`at most ${deepest} nested values`);
    this.at++;
    this.depth++;
    const value = first === mark.object ? this.object() : this.array();
    this.depth--;
    return value;
  }

  private object(): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    if (this.take(mark.objectEnd)) return object;
    do {
      if (this.next() !== mark.quote) this.fail("a name in double quotes");
      const name = this.string();
      if (!this.take(mark.colon)) this.fail("':'");
      const value = this.value();
      // an assignment would change the prototype
      if (name === "__proto__")
        Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
      else object[name] = value;
    } while (this.take(mark.comma));
    if (!this.take(mark.objectEnd)) this.fail("',' or '}'");
    return object;
  }

  private array(): unknown[] {
    const array: unknown[] = [];
    if (this.take(mark.arrayEnd)) return array;
    do array.push(this.value());
    while (this.take(mark.comma));
    if (!this.take(mark.arrayEnd)) this.fail("',' or ']'");
    return array;
  }

  private string(): string {
    const start = this.at;
    const end = this.text.indexOf('"', start + 1);
    if (this.backslash >= 0 && this.backslash < start) this.backslash = this.text.indexOf("\\", start);
    if (!this.valid || (this.backslash >= 0 && this.backslash < end)) return this.anyString(start, end);
    this.at = end + 1;
    return this.text.slice(start + 1, end);
  }

  /** The engine's own parser knows escapes best; only the end must be found first. */
  private anyString(start: number, quote: number): string {
    let end = quote;
    while (end > 0 && this.escaped(end)) end = this.text.indexOf('"', end + 1);
    if (end > 0) {
      try {
        const value: unknown = JSON.parse(this.text.slice(start, end + 1));
        this.at = end + 1;
        return String(value);
      } catch {
        // falls through: the place is wanted
      }
    }
    return this.badString(start, end > 0 ? end : this.text.length);
  }

  private escaped(quote: number): boolean {
    let at = quote;
    while (this.text[at - 1] === "\\") at--;
    return (quote - at) % 2 === 1;
  }

  private badString(start: number, end: number): never {
    for (this.at = start + 1; this.at < end; this.at++) {
      if (this.text.charCodeAt(this.at) < 0x20) this.fail("an escape like \\n for a control character");
      if (this.text[this.at] !== "\\") continue;
      this.at++;
      const escape = this.text[this.at] ?? "";
      if (!'"\\/bfnrtu'.includes(escape)) this.fail('one of " \\ / b f n r t u after a backslash');
      if (escape !== "u") continue;
      for (const last = this.at + 4; this.at < last;) {
        this.at++;
        if (!"0123456789abcdefABCDEF".includes(this.text[this.at] ?? "-"))
          this.fail("four hexadecimal digits after \\u");
      }
    }
    return this.fail("'\"' at the end of the string");
  }

  private take(code: number): boolean {
    if (this.next() !== code) return false;
    this.at++;
    return true;
  }

  /** The next character that is no space; NaN at the end. */
  private next(): number {
    let code = this.text.charCodeAt(this.at);
    while (isSpace(code)) code = this.text.charCodeAt(++this.at);
    return code;
  }

  private fail(expected: string): never {
    const found = this.at >= this.text.length ? "the end of the text" : quoted(this.text, this.at);
    throw new JsonError(`${lineAndColumn(this.text, this.at)}: expected ${expected}, found ${found}`);
  }
}

function quoted(text: string, at: number): string {
  const code = text.codePointAt(at) ?? 0;
  if (code >= 0x20 && code < 0x7f) return `'${String.fromCodePoint(code)}'`;
  return `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}
