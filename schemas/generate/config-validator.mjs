// The validator of config.json: ajv with our keyword, standalone, minified.
import { transform } from "esbuild";
import AjvCore from "ajv/dist/core.js";
import standalone from "ajv/dist/standalone/index.js";
import { readSchema } from "./schema.mjs";
import { members, objectSchemas } from "./vocabulary.mjs";

/**
 * The module's text, for the whole of config.json or for one of its objects. It exports `misfits(value)`. It is TypeScript, because only that
 * finds "./check.js" in check.ts.
 */
export async function configValidator(object = "Config") {
  const ajv = new AjvCore.default({ code: { source: true }, allErrors: true, strict: false, validateSchema: false });
  ajv.addKeyword(members);
  const objects = objectSchemas(readSchema("config"));
  for (const [name, schema] of Object.entries(objects)) ajv.addSchema(schema, name);
  const names = Object.fromEntries(Object.keys(objects).map((name) => [name, name]));
  const functions = plainFunctions(standalone.default(ajv, names));
  const { code } = await transform(`${functions}\nexport { ${object} }`, { ...small, define: {} });
  const exported = new RegExp(`export\\s*\\{\\s*([\\w$]+) as ${object}\\s*\\};?`);
  if (!exported.test(code)) throw new Error(`esbuild no longer exports by "export {…}": ${code.slice(-100)}`);
  return head + code.replace(exported, "export const misfits = (value: unknown) => misfitsOf(value, $1);");
}

const small = { minify: true, treeShaking: true, format: "esm", target: "es2022" };

const head = `// Generated from schemas/config.schema.json by schemas/generate.mjs; edits are lost.
// @ts-nocheck
import { count, entries, filled, flag, list, misfitsOf, need, object, spelling, text, whole, word } from "../config/check.js";
`;

/**
 * ajv's functions under their schemas' names, without what ajv passes from one to the next: our keyword needs no paths (a check
 * puts its member's name before what the inner ones noted) and keeps no errors of ajv's kind.
 */
function plainFunctions(code) {
  const names = new Map([...code.matchAll(/exports\.(\w+) = (\w+);/g)].map(([, name, own]) => [own, name]));
  const body = code.replace('"use strict";', "").replace(/exports\.\w+ = \w+;/g, "");
  const bare = replaceEach(
    names.size,
    body,
    /(function \w+\(data), \{instancePath=.*?\}=\{\}\)\{let vErrors = null;let errors = 0;/g,
    "$1){",
  );
  const silent = replaceEach(names.size, bare, /\w+\.errors = vErrors;return errors === 0;/g, "");
  const short = silent.replace(/const schema\d+ = \{.*?\};(?=function )/gs, "");
  return short.replace(/\bvalidate\d+\b/g, (own) => names.get(own) ?? own);
}

function replaceEach(times, text, pattern, replacement) {
  if ([...text.matchAll(pattern)].length !== times) throw new Error(`ajv's code has changed: no ${pattern}`);
  return text.replace(pattern, replacement);
}
