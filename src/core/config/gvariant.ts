/** A value of D-Bus with its type; 64-bit numbers are decimal texts. */
export interface TypedValue {
  readonly type: string;
  readonly value: unknown;
}

/** Words that may stand before a value, with the types that they give it. */
const keywords: Readonly<Record<string, string>> = {
  boolean: "b",
  byte: "y",
  int32: "i",
  uint32: "u",
  int64: "x",
  uint64: "t",
  string: "s",
  objectpath: "o",
};

const ranges: Readonly<Record<string, readonly [bigint, bigint]>> = {
  y: [0n, 255n],
  i: [-(2n ** 31n), 2n ** 31n - 1n],
  u: [0n, 2n ** 32n - 1n],
  x: [-(2n ** 63n), 2n ** 63n - 1n],
  t: [0n, 2n ** 64n - 1n],
};

/**
 * The text form of GVariant, as far as properties of units use it: `uint64 5`, `'text'`, `true`, `['a', 'b']`, `('a', uint64 1)`, `@as []`.
 * `undefined` when the text is none.
 */
export function parseGvariant(text: string): TypedValue | undefined {
  const tokens = text.match(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|@[a-z()]+|[-+]?\w+|[[\](),]|\S/g) ?? [];
  let at = 0;
  const value = (wanted?: string): TypedValue | undefined => {
    const token = tokens[at++];
    if (token === undefined) return undefined;
    if (token.startsWith("@")) return value(token.slice(1));
    const named = keywords[token];
    if (named !== undefined) return value(named);
    if (token === "[") return array(wanted);
    if (token === "(") return tuple(wanted);
    return plain(token, wanted);
  };
  const items = (end: string, type: (index: number) => string | undefined): TypedValue[] | undefined => {
    const found: TypedValue[] = [];
    while (tokens[at] !== end) {
      const item = value(type(found.length));
      if (item === undefined) return undefined;
      found.push(item);
      if (tokens[at] === ",") at++;
      else if (tokens[at] !== end) return undefined;
    }
    at++;
    return found;
  };
  const array = (wanted?: string): TypedValue | undefined => {
    if (wanted !== undefined && !wanted.startsWith("a")) return undefined;
    let element = wanted?.slice(1);
    const found = items("]", () => element);
    element ??= found?.[0]?.type;
    if (found === undefined || element === undefined || found.some(({ type }) => type !== element)) return undefined;
    return { type: `a${element}`, value: found.map((item) => item.value) };
  };
  const tuple = (wanted?: string): TypedValue | undefined => {
    const found = items(")", (index) => (wanted === undefined ? undefined : wanted[index + 1]));
    const type = `(${found?.map((item) => item.type).join("") ?? ""})`;
    if (found === undefined || found.length === 0 || (wanted !== undefined && wanted !== type)) return undefined;
    return { type, value: found.map((item) => item.value) };
  };
  const found = value();
  return at === tokens.length ? found : undefined;
}

function plain(token: string, wanted?: string): TypedValue | undefined {
  if (/^['"]/.test(token)) {
    const type = wanted ?? "s";
    if (token.length < 2 || (type !== "s" && type !== "o")) return undefined;
    return { type, value: token.slice(1, -1).replace(/\\(.)/g, "$1") };
  }
  if (token === "true" || token === "false")
    return wanted === undefined || wanted === "b" ? { type: "b", value: token === "true" } : undefined;
  const type = wanted ?? "i";
  const range = ranges[type];
  if (range === undefined || !/^[-+]?(\d+|0x[\da-f]+)$/i.test(token)) return undefined;
  const negative = token.startsWith("-");
  const size = BigInt(token.replace(/^[-+]/, ""));
  const number = negative ? -size : size;
  if (number < range[0] || number > range[1]) return undefined;
  return { type, value: type === "x" || type === "t" ? String(number) : Number(number) };
}
