// Reads the schemas beside this folder with exact numbers.
import { readFileSync, readdirSync } from "node:fs";

const folder = new URL("../", import.meta.url);

/** Names of all schemas, `config` for config.schema.json. */
export const schemaNames = () =>
  readdirSync(folder)
    .filter((file) => file.endsWith(".schema.json"))
    .map((file) => file.slice(0, -".schema.json".length))
    .sort();

/** A schema as JSON.parse would give it, except that integers beyond 2^53 are bigint. */
export function readSchema(name) {
  const text = readFileSync(new URL(`${name}.schema.json`, folder), "utf8");
  // JSON.parse would round them; a bound is never inside a string in our schemas
  const marked = text.replace(/(: )(-?[0-9]{16,})/g, '$1"exactly $2"');
  return JSON.parse(marked, (_key, value) =>
    typeof value === "string" && value.startsWith("exactly ") ? exact(BigInt(value.slice(8))) : value,
  );
}

const exact = (value) => (Number.isSafeInteger(Number(value)) ? Number(value) : value);

/** The schema without $ref and $defs: every reference replaced by what it stands for (no schema of ours is recursive). */
export function inline(schema, root = schema) {
  if (Array.isArray(schema)) return schema.map((item) => inline(item, root));
  if (schema === null || typeof schema !== "object") return schema;
  if (schema.$ref !== undefined) return inline(target(schema.$ref, root), root);
  const entries = Object.entries(schema).filter(([key]) => key !== "$defs");
  return Object.fromEntries(entries.map(([key, value]) => [key, inline(value, root)]));
}

function target(reference, root) {
  if (!reference.startsWith("#/$defs/")) throw new Error(`cannot follow ${reference}`);
  const found = root.$defs[reference.slice("#/$defs/".length)];
  if (found === undefined) throw new Error(`${reference} does not exist`);
  return found;
}
