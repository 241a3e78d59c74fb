import { readFileSync } from "node:fs";

/** What the mutations need of a JSON schema. */
export interface Node {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Node | boolean;
  readonly items?: Node;
}

/** The way to a value: names of members, `*` for any item or name, each with its schema. */
export type Place = readonly { readonly name: string; readonly node: Node }[];

/** Every place that a schema knows. */
export function placesOf(node: Node): readonly Place[] {
  const inner = Object.entries(node.properties ?? {});
  if (node.items !== undefined) inner.push(["*", node.items]);
  if (typeof node.additionalProperties === "object") inner.push(["*", node.additionalProperties]);
  return inner.flatMap(([name, child]) => {
    const step = { name, node: child };
    return [[step], ...placesOf(child).map((place) => [step, ...place])];
  });
}

/** A schema of ours with every reference replaced by what it stands for. */
export function readNode(name: string): Node {
  const root = JSON.parse(readFileSync(new URL(`../../schemas/${name}.schema.json`, import.meta.url), "utf8")) as {
    readonly $defs?: Readonly<Record<string, unknown>>;
  };
  const resolve = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(resolve);
    if (typeof value !== "object" || value === null) return value;
    const reference = (value as { readonly $ref?: string }).$ref;
    if (reference !== undefined) return resolve(root.$defs?.[reference.slice("#/$defs/".length)]);
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [key, key === "$defs" ? undefined : resolve(member)]),
    );
  };
  return resolve(root) as Node;
}
