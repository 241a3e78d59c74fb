/** What a table says of a name that came from outside; `undefined` also for names that every object inherits, like `constructor`. */
export function lookup<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
