/** Something that is wrong with a config.json, or that tsrun cannot do. */
export interface Problem {
  /** JSON pointer of the value, "" for the whole text. */
  readonly pointer: string;
  readonly code: "config" | "unsupported";
  /** `a string`, `an integer from 0 to 65535`. */
  readonly expected: string;
  /** `"abc"`, `null`, `nothing`. */
  readonly found: string;
  /** One line, without the file's name: `/process/cwd: expected a string, found null`. */
  readonly message: string;
}

export function configProblem(pointer: string, expected: string, found: string): Problem {
  const sentence = `expected ${expected}, found ${found}`;
  return {
    pointer,
    code: "config",
    expected,
    found,
    message: oneLine(pointer === "" ? sentence : `${pointer}: ${sentence}`),
  };
}

export function unsupportedProblem(pointer: string, value: unknown): Problem {
  const message = oneLine(`${pointer}: not supported by tsrun yet`);
  return {
    pointer,
    code: "unsupported",
    expected: "nothing that tsrun does not support yet",
    found: show(value),
    message,
  };
}

/** A value of a configuration as a sentence has it: short, on one line. */
export function show(value: unknown): string {
  switch (typeof value) {
    case "undefined":
      return "nothing";
    case "string":
      return JSON.stringify(value.length > longest ? `${value.slice(0, longest)}…` : value);
    case "symbol":
      return value.description ?? "";
    case "object":
      if (value === null) return "null";
      return Array.isArray(value) ? "an array" : "an object";
    default:
      return String(value);
  }
}

const longest = 60;

/** Names in a pointer are the bundle's author's: no line breaks, nothing that steers a terminal. */
function oneLine(text: string): string {
  return Array.from(text, (mark) => (steers(mark) ? escape(mark) : mark)).join("");
}

const steers = (mark: string) =>
  mark < " " || (mark >= "\u007f" && mark < "\u00a0") || mark === "\u2028" || mark === "\u2029";

const escape = (mark: string) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`;
