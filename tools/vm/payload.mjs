// What goes into the machine: tsrun in both fronts, the conformance suite as one file, and what it needs to run there.
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, cpSync, mkdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build as esbuild } from "esbuild";
import { build, dist, root } from "../build/paths.mjs";

/**
 * Makes a tar file whose program `main` is `script`, a text of shell.
 * @returns {Promise<string>} the path of the file
 */
export async function payload(name, script) {
  const place = join(build, "vm", `${name}-${process.pid}`);
  rmSync(place, { recursive: true, force: true });
  mkdirSync(join(place, "bin"), { recursive: true });
  writeFileSync(join(place, "main"), `#!/bin/sh\nPATH=/opt/payload/bin:$PATH\n${script}\n`, { mode: 0o755 });
  copyFileSync(realpathSync(process.execPath), join(place, "bin/node"));
  cpSync(dist, join(place, "dist"), { recursive: true });
  await bundleConformance(join(place, "conformance"));
  const file = `${place}.tar`;
  tell("tar", "-cf", file, "-C", place, ".");
  rmSync(place, { recursive: true });
  return file;
}

/** The suite without tsx, and with its probe compiled: the machine has no compiler. */
async function bundleConformance(place) {
  mkdirSync(place);
  await esbuild({
    absWorkingDir: root,
    entryPoints: { run: "conformance/main.ts" },
    outdir: place,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "warning",
  });
  copyFileSync(`${root}/conformance/sandbox.sh`, join(place, "sandbox.sh"));
  tell("cc", "-static", "-O1", "-Wall", "-o", join(place, "probe"), `${root}/conformance/inside/probe.c`);
  chmodSync(join(place, "probe"), 0o755);
}

function tell(program, ...args) {
  const { status, error, stderr } = spawnSync(program, args, { encoding: "utf8" });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr.trim()}`);
}
