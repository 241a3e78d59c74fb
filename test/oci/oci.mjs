// npm run test:oci: the validation programs of opencontainers/runtime-tools, run with any runtime.
//   node test/oci/oci.mjs [--runtime PATH]... [--program NAME]... [--write]
// Without --runtime: tsrun, and the runc and crun of this machine. A failure that test/oci/reasons.json does not explain, or that tsrun has
// where a peer passes, makes the exit status 1. --write renders what was found as docs/conformance.md.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { render } from "./render.mjs";

const home = resolve(import.meta.dirname, "../..");
const programs = join(home, "build/oci");
const module = "github.com/opencontainers/runtime-tools";
const go = {
  cwd: import.meta.dirname,
  env: { ...process.env, CGO_ENABLED: "0", GOTOOLCHAIN: "local" },
  encoding: "utf8",
};

const { values: options } = parseArgs({
  options: {
    runtime: { type: "string", multiple: true, default: [] },
    program: { type: "string", multiple: true, default: [] },
    write: { type: "boolean", default: false },
  },
});

/** Debian's crun refuses hosts that have both versions of cgroups. */
const layoutOf = (path) => (basename(path) === "crun" ? "v1" : "hybrid");

process.exitCode = main();

function main() {
  if (spawnSync("go", ["version"]).status !== 0) return skip("Go is not installed");
  if (!existsSync(programs) && !build()) return skip("the programs could not be built");
  const given = options.runtime.length > 0 ? options.runtime : ["dist/tsrun", "runc", "crun"].map(find);
  const runtimes = given.filter((path) => path !== undefined);
  const found = Object.fromEntries(runtimes.map((path) => [basename(path), run(path)]));
  const reasons = JSON.parse(readFileSync(join(import.meta.dirname, "reasons.json"), "utf8"));
  const { table, unexplained } = render(found, reasons);
  console.log(table);
  if (options.write) writeFileSync(join(home, "docs/conformance.md"), render(found, reasons, versions(runtimes)).page);
  const verdicts = Object.values(found).flatMap((programs) => Object.values(programs));
  const passed = verdicts.filter(({ failures }) => failures.length === 0).length;
  for (const line of unexplained) console.log(`unexplained: ${line}`);
  console.log(
    `${passed} passed, ${unexplained.length} failed, ${verdicts.length - passed - unexplained.length} skipped`,
  );
  return unexplained.length === 0 ? 0 : 1;
}

function skip(reason) {
  console.log(`ok 1 - the whole suite # SKIP ${reason}`);
  return process.env.TSRUN_MUST_RUN === "1" ? 1 : 0;
}

function find(name) {
  if (name.includes("/")) return join(home, name);
  return (process.env.PATH ?? "")
    .split(":")
    .map((folder) => join(folder, name))
    .find(existsSync);
}

/** Each program stands in a package of its own. */
function build() {
  mkdirSync(programs, { recursive: true });
  const built = spawnSync(
    "go",
    ["build", "-o", `${programs}/`, `${module}/validation/...`, `${module}/cmd/runtimetest`],
    go,
  );
  if (built.status === 0) return true;
  console.error(built.error?.message ?? built.stderr);
  rmSync(programs, { recursive: true, force: true });
  return false;
}

/** What each program says of a runtime: `{program: {failures: […], skipped}}`. */
function run(path) {
  const work = mkdtempSync(join(tmpdir(), "tsrun-oci-"));
  try {
    const { Dir } = JSON.parse(spawnSync("go", ["list", "-m", "-json", module], go).stdout);
    // programs look for both in their working directory, and copy a link as a link
    copyFileSync(join(programs, "runtimetest"), join(work, "runtimetest"));
    copyFileSync(join(Dir, "rootfs-amd64.tar.gz"), join(work, "rootfs-amd64.tar.gz"));
    const report = join(work, "report.json");
    const inner = [
      process.execPath,
      join(import.meta.dirname, "inside.mjs"),
      programs,
      work,
      report,
      resolve(path),
      ...options.program,
    ];
    const command = [process.execPath, join(home, "test/black-box/sandbox.mjs"), layoutOf(path), ...inner];
    const { status } = spawnSync(command[0], command.slice(1), { stdio: "inherit" });
    if (status !== 0) throw new Error(`the programs could not be run with ${path}`);
    return JSON.parse(readFileSync(report, "utf8"));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function versions(runtimes) {
  return runtimes.map((path) => spawnSync(path, ["--version"], { encoding: "utf8" }).stdout.split("\n")[0]);
}
