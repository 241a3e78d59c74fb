// The embedded front and the core as ES modules for the engine: build/embedded/main.js, and one chunk for each
// `import()`, so that a verb loads only what it needs.
import { mkdirSync } from "node:fs";
import { basename } from "node:path";
import { build as esbuild } from "esbuild";
import { removeOthers, writeIfChanged } from "./files.mjs";
import { build, root } from "./paths.mjs";

const out = `${build}/embedded`;

export async function bundleCore() {
  const { outputFiles } = await esbuild({
    absWorkingDir: root,
    entryPoints: ["src/embedded/main.ts"],
    outdir: out,
    bundle: true,
    splitting: true,
    chunkNames: "[name]-[hash]",
    format: "esm",
    platform: "neutral",
    target: "es2023",
    charset: "utf8",
    // Bytecode keeps the names of variables: short ones load faster.
    minify: true,
    legalComments: "none",
    // The engine imports chunks only; whatever else is imported is a mistake to be reported here.
    packages: "bundle",
    write: false,
    logLevel: "warning",
  });
  mkdirSync(out, { recursive: true });
  for (const file of outputFiles) {
    // native/engine/src/core_run.rs says why.
    const text = file.text.replaceAll('import("./', '__import("./');
    if (/\bimport\(/.test(text)) throw new Error(`${basename(file.path)}: an import() that is not of a chunk`);
    writeIfChanged(file.path, text);
  }
  removeOthers(out, new Set(outputFiles.map((file) => basename(file.path))));
}
