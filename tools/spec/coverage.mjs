// What becomes of every property of config.json: schemas/coverage.json against schemas/config.schema.json.
import { readFileSync } from "node:fs";
import { root } from "../build/paths.mjs";

/** Members for other systems; the specification wants them ignored. */
const foreign = ["solaris", "windows", "vm", "zos", "freebsd"];

const read = (path) => JSON.parse(readFileSync(`${root}/${path}`, "utf8"));

/** Rows by pointer, `*` for any item or name. A row stands for the property and all that is in it and has no row of its own. */
export const coverage = read("schemas/coverage.json");

/** Pointers of all properties that hold a value for Linux, in the schema's order. */
export function properties(schema = read("schemas/config.schema.json")) {
  return Array.from(leaves(schema, schema, ""));
}

function* leaves(schema, part, pointer) {
  const type = resolve(schema, part);
  const item = resolve(schema, type.items ?? type.additionalProperties);
  if (type.properties !== undefined) {
    for (const [name, member] of Object.entries(type.properties)) {
      if (pointer === "" && foreign.includes(name)) continue;
      if (member.description === "Windows only") continue;
      yield* leaves(schema, member, `${pointer}/${name}`);
    }
  } else if (item?.properties !== undefined) yield* leaves(schema, item, `${pointer}/*`);
  else yield pointer;
}

function resolve(schema, part) {
  return part?.$ref === undefined ? part : schema.$defs[part.$ref.split("/").at(-1)];
}

/** The pointer of the row that tells about a property. */
export function rowOf(property, rows = coverage) {
  for (let at = property; at !== ""; at = at.slice(0, at.lastIndexOf("/"))) if (Object.hasOwn(rows, at)) return at;
  return undefined;
}
