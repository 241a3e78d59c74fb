/** JSON of a value that {@link readExactly} may have read: integers beyond 2^53, and numbers that are symbols, keep their text. */
export function writeExactly(value: unknown): string {
  switch (typeof value) {
    case "bigint":
      return value.toString();
    case "symbol":
      return value.description ?? "null";
    case "object":
      break;
    default:
      return JSON.stringify(value);
  }
  if (value === null) return "null";
  if (Array.isArray(value)) return `[${value.map((item: unknown) => writeExactly(item ?? null)).join(",")}]`;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${writeExactly(member)}`).join(",")}}`;
}
