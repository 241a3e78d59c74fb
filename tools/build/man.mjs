// Manual pages, from the tables of the command line: dist/man/*.1.
import { mkdirSync } from "node:fs";
import { build as esbuild } from "esbuild";
import { removeOthers, writeIfChanged } from "./files.mjs";
import { dist, root } from "./paths.mjs";

const out = `${dist}/man`;

export async function buildMan() {
  const { outputFiles } = await esbuild({
    absWorkingDir: root,
    entryPoints: ["src/core/command/manual.ts"],
    bundle: true,
    format: "esm",
    platform: "neutral",
    target: "node20",
    write: false,
    logLevel: "warning",
  });
  const { manual } = await import(
    `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`
  );
  mkdirSync(out, { recursive: true });
  const pages = manual();
  for (const [name, text] of Object.entries(pages)) writeIfChanged(`${out}/${name}`, text);
  removeOthers(out, new Set(Object.keys(pages)));
}
