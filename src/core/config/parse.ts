import type { Misfit } from "./check.js";
import { mayHideFraction, readExactly } from "./json.js";
import { readLargeIntegers } from "./large-integers.js";

/** A text's value, and what the schema says against it. */
export interface Parsed {
  readonly value: unknown;
  readonly misfits: readonly Misfit[];
}

/**
 * JSON.parse is exact for most texts, and where it is not, some integer looks wrong: only then slower ways are worth their time. Fails with a
 * JsonError.
 */
export function parseExactly(text: string, misfits: (value: unknown) => readonly Misfit[]): Parsed {
  const value = mayHideFraction(text) ? undefined : parse(text);
  if (value !== undefined) {
    const wrong = misfits(value);
    if (wrong.length === 0) return { value, misfits: [] };
    const large = readLargeIntegers(text, wrong);
    if (large !== undefined && misfits(large).length === 0) return { value: large, misfits: [] };
  }
  const exact = readExactly(text, value !== undefined);
  return { value: exact, misfits: misfits(exact) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
