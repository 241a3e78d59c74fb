import { step } from "../check.js";
import type { Refuse } from "./rule.js";

/** JSON can write these only as escapes, so a text without escapes needs no search. */
export function mayHoldBadStrings(text: string): boolean {
  return text.includes("\\u");
}

/**
 * NUL ends a string of the kernel's, so that `/etc\u0000/x` would be `/etc`; half a surrogate pair has no form in UTF-8. Names of members are
 * strings, too: sysctl and annotations have them from the bundle's author.
 */
export function stringRules(value: unknown, pointer: string, refuse: Refuse): void {
  if (typeof value === "string") {
    if (value.includes("\0")) refuse(pointer, "a string without U+0000", "one");
    if (hasLoneSurrogate(value)) refuse(pointer, "a string of whole characters", "half a surrogate pair");
  } else if (typeof value === "object" && value !== null) {
    for (const [key, member] of Object.entries(value)) {
      if (!Array.isArray(value)) stringRules(key, pointer + step(key), refuse);
      stringRules(member, pointer + step(key), refuse);
    }
  }
}

/** By code points, a surrogate that is left is alone. */
function hasLoneSurrogate(value: string): boolean {
  return Array.from(value).some((mark) => mark.length === 1 && mark >= "\ud800" && mark <= "\udfff");
}
