// The npm package: dist/node/{index,main}.js, their types, and the command tsrun-node.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { basename } from "node:path";
import { build as esbuild } from "esbuild";
import { run } from "./command.mjs";
import { removeOthers, writeIfChanged } from "./files.mjs";
import { dist, root } from "./paths.mjs";

const out = `${dist}/node`;
const types = `${out}/types`;

export async function buildNode() {
  const { outputFiles } = await esbuild({
    absWorkingDir: root,
    entryPoints: ["src/node/index.ts", "src/node/called-apart.ts", "src/node/main.ts"],
    outdir: out,
    bundle: true,
    splitting: true,
    chunkNames: "[name]-[hash]",
    format: "esm",
    platform: "node",
    target: "node20",
    charset: "utf8",
    packages: "external",
    write: false,
    logLevel: "warning",
  });
  mkdirSync(out, { recursive: true });
  for (const file of outputFiles) writeIfChanged(file.path, file.contents);
  writeIfChanged(`${out}/tsrun-node`, readFileSync(`${root}/src/node/tsrun-node.sh`), 0o755);
  removeOthers(out, new Set(["tsrun-node", ...outputFiles.map((file) => basename(file.path))]));
  declareTypes();
}

/** The package's types, for programs that import it; slow, so only when a source is newer. */
function declareTypes() {
  const sources = ["src/core", "src/node"].flatMap((folder) =>
    readdirSync(`${root}/${folder}`, { recursive: true }).map((name) => `${root}/${folder}/${name}`),
  );
  const entry = `${types}/node/index.d.ts`;
  const newest = Math.max(...sources.map((path) => statSync(path).mtimeMs));
  if (existsSync(entry) && statSync(entry).mtimeMs >= newest) return;
  rmSync(types, { recursive: true, force: true });
  const options = [
    "--declaration",
    "--emitDeclarationOnly",
    "--noEmit",
    "false",
    "--rootDir",
    "src",
    "--outDir",
    types,
  ];
  run("node_modules/.bin/tsc", ["-p", "src/node/tsconfig.types.json", ...options], { cwd: root });
}
