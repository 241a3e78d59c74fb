/** The tests that the generated validator of config.json (generated/validate-config.js) is made of. */

/** A value that is not what the schema asks for; `value` is undefined where a member is missing. */
export interface Misfit {
  /** JSON pointer, "" for the whole text. */
  readonly pointer: string;
  /** `a string`, `an integer from 0 to 65535`, `one of "a", "b"`. */
  readonly expected: string;
  readonly value: unknown;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** JavaScript compares number and bigint exactly; a number beyond 2^53 may have been rounded, so it is none. */
export function isWhole(value: unknown, minimum: number | bigint, maximum: number | bigint): boolean {
  const exact = typeof value === "number" ? Number.isSafeInteger(value) : typeof value === "bigint";
  return exact && (value as number) >= minimum && (value as number) <= maximum;
}

/** How many members an object has. */
export function count(object: object): number {
  return Object.keys(object).length;
}

/** A step of a JSON pointer. */
export function step(key: string): string {
  return `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/**
 * Members whose names are known ones but for upper and lower case. Unknown members are ignored, but Go's decoder takes these for the
 * known ones: runtimes must not read the same file in two ways.
 */
export function spelling(
  pointer: string,
  object: object,
  known: readonly string[],
  misfit: (pointer: string, expected: string, value: unknown) => void,
): void {
  for (const key of Object.keys(object)) {
    if (known.includes(key)) continue;
    const twin = known.find((name) => fold(name) === fold(key));
    if (twin !== undefined) misfit(pointer + step(key), `the name ${JSON.stringify(twin)}`, key);
  }
}

/** Both ways, for the letters that have several forms: the Kelvin sign is a k, the long s an s. */
const fold = (name: string) => name.toUpperCase().toLowerCase();
