// TypeScript types of a schema.
import { compile } from "json-schema-to-typescript";
import { readSchema } from "./schema.mjs";

/** Text of a module of types only: everything readonly, no index signatures, 64-bit integers as `number | bigint`. */
export async function types(name) {
  const imports = new Set();
  const text = await compile(adapt(readSchema(name), imports), name, {
    additionalProperties: false,
    bannerComment: `// Generated from schemas/${name}.schema.json by schemas/generate.mjs; edits are lost.`,
    format: false,
    unreachableDefinitions: true,
  });
  const [banner, ...body] = text.split("\n");
  return `${[banner, ...imports, ""].join("\n")}${readonly(body.join("\n"))}`;
}

/** The schema with a type of ours where json-schema-to-typescript has none: bounds beyond 2^53, another schema's file. */
function adapt(schema, imports) {
  if (Array.isArray(schema)) return schema.map((item) => adapt(item, imports));
  if (schema === null || typeof schema !== "object") return schema;
  const file = /^(\w+)\.schema\.json$/.exec(schema.$ref ?? "")?.[1];
  if (file !== undefined) {
    const { title } = readSchema(file);
    imports.add(`import type { ${title} } from "./${file}.js";`);
    return { tsType: title };
  }
  const { minimum, maximum, minItems, ...rest } = schema;
  const wide = typeof minimum === "bigint" || typeof maximum === "bigint";
  const entries = Object.entries(rest).map(([key, value]) => [key, adapt(value, imports)]);
  return { ...Object.fromEntries(entries), ...(wide ? { tsType: "number | bigint" } : {}) };
}

const readonly = (text) =>
  text
    .replace(/( \* *\n)? \* This interface was referenced by .*\n \* via the `definition` .*\n/g, "")
    .replace(/^\/\*\*\n \*\/\n/gm, "")
    .replace(/^(\s*)("?[\w$]+"?\??:)/gm, "$1readonly $2")
    .replace(/^(\s*)(\[k: string\]:)/gm, "$1readonly $2")
    .replace(/([\w"]+|\([^()]*\))\[\]/g, "readonly $1[]");
