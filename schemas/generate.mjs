// `npm run generate`: everything that is made from schemas/*.schema.json. Same schemas, same bytes.
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { configValidator } from "./generate/config-validator.mjs";
import { plainValidator } from "./generate/plain-validator.mjs";
import { schemaNames } from "./generate/schema.mjs";
import { types } from "./generate/types.mjs";

const root = fileURLToPath(new URL("../", import.meta.url));

/** An unchanged file keeps its time: what is built from it is not built anew. */
async function write(path, text) {
  const file = root + path;
  if (existsSync(file) && (await readFile(file, "utf8")) === text) return;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

const names = schemaNames();
await Promise.all([
  ...names.map(async (name) => write(`src/core/generated/${name}.ts`, await types(name))),
  ...names.map(async (name) => write(`build/validators/${name}.js`, await plainValidator(name))),
  configValidator().then((text) => write("src/core/generated/validate-config.ts", text)),
  configValidator("Process").then((text) => write("src/core/generated/validate-process.ts", text)),
]);

// Rust's types of the plan; the same schema, another language
const rust = new URL("generate/rust.mjs", import.meta.url);
if (existsSync(rust)) await (await import(rust.href)).default(root);
