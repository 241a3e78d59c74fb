// The validator of config.json: ajv with our vocabulary, standalone, minified.
import { transform } from "esbuild";
import AjvCore from "ajv/dist/core.js";
import standalone from "ajv/dist/standalone/index.js";
import { inline, readSchema } from "./schema.mjs";
import { keywords, translate } from "./vocabulary.mjs";

const head = 'import { count, isObject, isWhole, spelling } from "../config/check.js";\n';
const tail = `
let found;
const misfit = (pointer, expected, value) => { found.push({ pointer, expected, value }); };
export function misfits(value) { found = []; validate(value); return found; }
`;

/** A TypeScript module, because only those find "./check.js" in check.ts; its one typed name is the exported one. */
const typed = (code) => `// Generated from schemas/config.schema.json by schemas/generate.mjs; edits are lost.
// @ts-nocheck
import type { Misfit } from "../config/check.js";
${code.replace(/export\s*\{\s*([\w$]+) as misfits\s*\};?/, "/** Every value that is not as the schema says, in the schema's order. */\nexport const misfits: (value: unknown) => Misfit[] = $1;")}`;

/** The module's text. It exports `misfits(value)`. */
export async function configValidator() {
  const ajv = new AjvCore.default({
    code: { source: true, optimize: 4 },
    allErrors: true,
    strict: false,
    validateSchema: false,
  });
  ajv.addVocabulary(keywords);
  const code = standalone.default(ajv, ajv.compile(translate(inline(readSchema("config")))));
  const [, name] = /module\.exports = (\w+);/.exec(code);
  const body = code.replace(/^.*module\.exports\.default = \w+;/s, "");
  const text = `${head}${body}${tail}`.replace("validate(value)", `${name}(value)`);
  const { code: small } = await transform(text, { minify: true, treeShaking: true, format: "esm", target: "es2022" });
  return typed(small);
}
