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
 * About ten times as slow as JSON.parse.
 */
export function readExactly(text: string): unknown {
  return new Reader(text).document();
}

/**
 * Whether JSON.parse may have rounded a number of the text to an integer that looks exact: only a fraction or a negative exponent can do that.
 * Cheap, and true now and then for a text that merely has such a number in a string.
 */
export function mayHideFraction(text: string): boolean {
  return [".", "e-", "E-"].some((mark) => {
    for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1)) {
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
  if (text[at - 1] === "-") at--;
  at = skipBack(text, at);
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

const isSpace = (code: number) => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

const constants: readonly (readonly [string, boolean | null])[] = [
  ["true", true],
  ["false", false],
  ["null", null],
];

class Reader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): unknown {
    const value = this.#value();
    this.#space();
    if (this.#at < this.#text.length) this.#fail("the end of the text");
    return value;
  }

  #value(): unknown {
    this.#space();
    const first = this.#text[this.#at];
    if (first === '"') return this.#string();
    if (first === "{") return this.#nested(() => this.#object());
    if (first === "[") return this.#nested(() => this.#array());
    const number = numberAt(this.#text, this.#at);
    if (number !== undefined) {
      this.#at += number.length;
      return number.value;
    }
    for (const [word, value] of constants) {
      if (!this.#text.startsWith(word, this.#at)) continue;
      this.#at += word.length;
      return value;
    }
    return this.#fail("a value");
  }

  #nested(read: () => unknown): unknown {
    if (this.#depth === deepest) this.#fail(`at most ${deepest} nested values`);
    this.#at++;
    this.#depth++;
    const value = read();
    this.#depth--;
    return value;
  }

  #object(): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    if (this.#take("}")) return object;
    do {
      this.#space();
      if (this.#text[this.#at] !== '"') this.#fail("a name in double quotes");
      const name = this.#string();
      if (!this.#take(":")) this.#fail("':'");
      const value = this.#value();
      // an assignment would change the prototype
      if (name === "__proto__")
        Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
      else object[name] = value;
    } while (this.#take(","));
    if (!this.#take("}")) this.#fail("',' or '}'");
    return object;
  }

  #array(): unknown[] {
    const array: unknown[] = [];
    if (this.#take("]")) return array;
    do array.push(this.#value());
    while (this.#take(","));
    if (!this.#take("]")) this.#fail("',' or ']'");
    return array;
  }

  /** The engine's own parser knows escapes best; only the end must be found first. */
  #string(): string {
    const start = this.#at;
    let end = this.#text.indexOf('"', start + 1);
    while (end > 0 && this.#escaped(end)) end = this.#text.indexOf('"', end + 1);
    if (end > 0) {
      try {
        const value: unknown = JSON.parse(this.#text.slice(start, end + 1));
        this.#at = end + 1;
        return String(value);
      } catch {
        // falls through: the place is wanted
      }
    }
    return this.#badString(start, end > 0 ? end : this.#text.length);
  }

  #escaped(quote: number): boolean {
    let at = quote;
    while (this.#text[at - 1] === "\\") at--;
    return (quote - at) % 2 === 1;
  }

  #badString(start: number, end: number): never {
    for (this.#at = start + 1; this.#at < end; this.#at++) {
      if (this.#text.charCodeAt(this.#at) < 0x20) this.#fail("an escape like \\n for a control character");
      if (this.#text[this.#at] !== "\\") continue;
      this.#at++;
      const escape = this.#text[this.#at] ?? "";
      if (!'"\\/bfnrtu'.includes(escape)) this.#fail('one of " \\ / b f n r t u after a backslash');
      if (escape !== "u") continue;
      for (const last = this.#at + 4; this.#at < last;) {
        this.#at++;
        if (!"0123456789abcdefABCDEF".includes(this.#text[this.#at] ?? "-"))
          this.#fail("four hexadecimal digits after \\u");
      }
    }
    return this.#fail("'\"' at the end of the string");
  }

  #take(mark: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== mark) return false;
    this.#at++;
    return true;
  }

  #space(): void {
    while (isSpace(this.#text.charCodeAt(this.#at))) this.#at++;
  }

  #fail(expected: string): never {
    const found = this.#at >= this.#text.length ? "the end of the text" : quoted(this.#text, this.#at);
    throw new JsonError(`${lineAndColumn(this.#text, this.#at)}: expected ${expected}, found ${found}`);
  }
}

function quoted(text: string, at: number): string {
  const code = text.codePointAt(at) ?? 0;
  if (code >= 0x20 && code < 0x7f) return `'${String.fromCodePoint(code)}'`;
  return `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}
