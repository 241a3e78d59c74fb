// Validators with ajv's own keywords, standalone ESM without imports, for tests and for programs that want to check messages.
import { build } from "esbuild";
import { Ajv } from "ajv";
import standalone from "ajv/dist/standalone/index.js";
import { readSchema, schemaNames } from "./schema.mjs";

const root = new URL("../../", import.meta.url).pathname;

/** Text of a module whose default export is ajv's `validate(value): boolean`, with `validate.errors`. */
export async function plainValidator(name) {
  const ajv = new Ajv({ code: { source: true, esm: true }, allErrors: true, strict: false, validateSchema: false });
  // a schema may refer to another one by its file name
  for (const each of schemaNames()) ajv.addSchema(rounded(readSchema(each)));
  const contents = standalone.default(ajv, ajv.getSchema(`${name}.schema.json`));
  // ajv's standalone code requires its own runtime
  const bundle = { bundle: true, write: false, format: "esm", platform: "neutral", target: "es2022" };
  const { outputFiles } = await build({ ...bundle, stdin: { contents, resolveDir: root, loader: "js" } });
  return outputFiles[0].text;
}

/** ajv compares doubles. */
const rounded = (schema) =>
  JSON.parse(JSON.stringify(schema, (_key, value) => (typeof value === "bigint" ? Number(value) : value)));
