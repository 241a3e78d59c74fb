// Expectations that fail with one line: what was looked at, what was expected, what was found.

/** The runtime did something else than it should. */
export class Failure extends Error {
  override readonly name = "Failure";
}

const shown = (value: unknown): string => (value === undefined ? "nothing" : JSON.stringify(value));

export function equal(what: string, found: unknown, expected: unknown): void {
  if (shown(found) !== shown(expected))
    throw new Failure(`${what}: expected ${shown(expected)}, found ${shown(found)}`);
}

export function differs(what: string, found: unknown, other: unknown): void {
  if (shown(found) === shown(other)) throw new Failure(`${what}: expected anything but ${shown(other)}`);
}

export function matches(what: string, found: string, pattern: RegExp): void {
  if (!pattern.test(found)) throw new Failure(`${what}: expected text like ${String(pattern)}, found ${shown(found)}`);
}

export function lacks(what: string, found: string, text: string): void {
  if (found.includes(text)) throw new Failure(`${what}: must not contain ${shown(text)}, found ${shown(found)}`);
}

export function holds(what: string, condition: boolean, found?: unknown): void {
  if (!condition) throw new Failure(found === undefined ? what : `${what}: found ${shown(found)}`);
}

/** `found` lies within `low` and `high`, both included. */
export function between(what: string, found: number, low: number, high: number): void {
  if (!(found >= low && found <= high)) throw new Failure(`${what}: expected ${low} to ${high}, found ${found}`);
}

/** For values that may be absent: the value, or a failure that says what is missing. */
export function present<T>(what: string, value: T | undefined | null): T {
  if (value === undefined || value === null) throw new Failure(`${what}: missing`);
  return value;
}
