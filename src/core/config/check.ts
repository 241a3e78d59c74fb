/**
 * The checks that the generated validator (generated/validate-config.ts) is made of. Each looks at one member of an object, or item of an
 * array, notes what is wrong with it, and answers 1, or 0 when there is none. Their further arguments are what the value has to be.
 */

/** A value that is not what the schema asks for; `value` is undefined where a member is missing. */
export interface Misfit {
  /** JSON pointer, "" for the whole text. */
  readonly pointer: string;
  /** `a string`, `an integer from 0 to 65535`, `one of a, b`. */
  readonly expected: string;
  readonly value: unknown;
}

type Holder = Readonly<Record<string | number, unknown>>;
/** Three further arguments are enough for every check; rest parameters would cost an array for each call. */
type Check = (holder: Holder, key: string | number, a?: never, b?: never, c?: never) => 0 | 1;
type Members = (value: Holder) => void;

let found: Misfit[] = [];

/** All misfits of a value, in the schema's order; pointers are built from the inside out, and only for misfits. */
export function misfitsOf(value: unknown, members: Members): readonly Misfit[] {
  found = [];
  if (isObject(value)) members(value);
  else found.push({ pointer: "", expected: "an object", value });
  return found;
}

function note(key: string | number, expected: string, value: unknown): 1 {
  found.push({ pointer: step(key), expected, value });
  return 1;
}

/** Puts a member's name before the pointers of the misfits that were found in it. */
function within(key: string | number, from: number): 1 {
  for (let i = from; i < found.length; i++) {
    const misfit = found[i];
    if (misfit !== undefined) found[i] = { ...misfit, pointer: step(key) + misfit.pointer };
  }
  return 1;
}

export function text(holder: Holder, key: string | number, pattern?: RegExp): 0 | 1 {
  const value = holder[key];
  if (value === undefined) return 0;
  if (typeof value === "string" && (pattern === undefined || pattern.test(value))) return 1;
  return note(key, pattern === undefined ? "a string" : `a string that matches ${pattern.source}`, value);
}

export function flag(holder: Holder, key: string | number): 0 | 1 {
  const value = holder[key];
  if (value === undefined) return 0;
  return typeof value === "boolean" ? 1 : note(key, "a boolean", value);
}

/** A number beyond 2^53 may have been rounded, so it is none; bigint are beyond 2^53, as bounds and as values (json.ts). */
export function whole(holder: Holder, key: string | number, minimum: number | bigint, maximum: number | bigint): 0 | 1 {
  const value = holder[key];
  if (value === undefined) return 0;
  if (typeof value === "number" ? isWithin(value, minimum, maximum) : isWithinLarge(value, minimum, maximum)) return 1;
  return note(key, `an integer from ${minimum} to ${maximum}`, value);
}

/** QuickJS-ng 0.16 gets comparisons of numbers from -2^31 down with negative bigint wrong: the two kinds are never compared here. */
function isWithin(value: number, minimum: number | bigint, maximum: number | bigint): boolean {
  if (!Number.isSafeInteger(value)) return false;
  return (typeof minimum === "bigint" || value >= minimum) && (typeof maximum === "bigint" || value <= maximum);
}

function isWithinLarge(value: unknown, minimum: number | bigint, maximum: number | bigint): boolean {
  return typeof value === "bigint" && typeof maximum === "bigint" && value >= BigInt(minimum) && value <= maximum;
}

/** `words` are joined by bars. */
export function word(holder: Holder, key: string | number, words: string): 0 | 1 {
  const value = holder[key];
  if (value === undefined) return 0;
  if (typeof value === "string" && isOneOf(value, words)) return 1;
  const all = words.split("|");
  return note(key, all.length === 1 ? words : `one of ${all.join(", ")}`, value);
}

/** Twice as fast as a list of words, which would have to be made first. */
function isOneOf(value: string, words: string): boolean {
  if (value === "" || value.includes("|")) return false;
  for (let at = words.indexOf(value); at >= 0; at = words.indexOf(value, at + 1)) {
    const after = words[at + value.length];
    if ((at === 0 || words[at - 1] === "|") && (after === undefined || after === "|")) return true;
  }
  return false;
}

export function object(holder: Holder, key: string | number, members: Members): 0 | 1 {
  const value = holder[key];
  if (value === undefined) return 0;
  if (!isObject(value)) return note(key, "an object", value);
  const from = found.length;
  members(value);
  return from < found.length ? within(key, from) : 1;
}

export function list(holder: Holder, key: string | number, item: Check, a?: unknown, b?: unknown): 0 | 1 {
  const value = holder[key];
  if (value === undefined) return 0;
  if (!Array.isArray(value)) return note(key, "an array", value);
  const from = found.length;
  for (let i = 0; i < value.length; i++) {
    // most of what a configuration holds are strings in lists: no call for those
    if (item !== text || typeof value[i] !== "string" || a !== undefined)
      item(value as unknown as Holder, i, a as never, b as never);
  }
  return from < found.length ? within(key, from) : 1;
}

export function filled(holder: Holder, key: string | number, item: Check, a?: unknown, b?: unknown): 0 | 1 {
  const value = holder[key];
  if (Array.isArray(value) && value.length === 0) return note(key, "an array that is not empty", value);
  return list(holder, key, item, a, b);
}

/** An object with any names, whose values are all of one kind. */
export function entries(holder: Holder, key: string | number, entry: Check, a?: unknown, b?: unknown): 0 | 1 {
  const value = holder[key];
  if (value === undefined) return 0;
  if (!isObject(value)) return note(key, "an object", value);
  const from = found.length;
  for (const name of Object.keys(value)) entry(value, name, a as never, b as never);
  return from < found.length ? within(key, from) : 1;
}

/** A member that must be there. */
export function need(holder: Holder, key: string, check: Check, a?: unknown, b?: unknown, c?: unknown): 0 | 1 {
  if (check(holder, key, a as never, b as never, c as never) === 1) return 1;
  // null fits nothing: it makes the check say what it wants
  check({ [key]: null }, key, a as never, b as never, c as never);
  const misfit = found.pop();
  if (misfit !== undefined) found.push({ ...misfit, value: undefined });
  return 0;
}

/**
 * Notes members whose names are known ones but for upper and lower case. Unknown members are ignored, but Go's decoder takes these for the
 * known ones: runtimes must not read the same file in two ways.
 */
export function spelling(holder: Holder, known: readonly string[]): void {
  for (const key of Object.keys(holder)) {
    if (known.includes(key)) continue;
    const twin = known.find((name) => fold(name) === fold(key));
    if (twin !== undefined) note(key, `the name ${JSON.stringify(twin)}`, key);
  }
}

/** Both ways, for the letters that have several forms: the Kelvin sign is a k, the long s an s. */
const fold = (name: string) => name.toUpperCase().toLowerCase();

/** How many members an object has. */
export function count(holder: Holder): number {
  return Object.keys(holder).length;
}

export function isObject(value: unknown): value is Holder {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A step of a JSON pointer. */
export function step(key: string | number): string {
  return `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}
