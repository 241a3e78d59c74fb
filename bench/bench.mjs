// npm run bench: tsrun beside Debian's crun and runc, in one sandbox, measured in turns by hyperfine.
//   node bench/bench.mjs [--runs N] [--rounds N] [--subjects a,b] [--measures a,b] [--json FILE] [--must]
// Prints medians, ratios and whether each meets its line; writes the same to build/bench.json. --must: exit 1 if not.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { cpus, release, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { makeBundle } from "../examples/busybox-bundle.mjs";
import { measures } from "./measures.mjs";
import { sandboxLayout, runInSandbox } from "../test/black-box/sandbox.mjs";
import { podmanProfile } from "./seccomp.mjs";
import { stateRoot } from "./state-root.mjs";
import { subjects } from "./subjects.mjs";
import { judge, printTable } from "./table.mjs";

const home = resolve(import.meta.dirname, "..");
const { values: options } = parseArgs({
  options: {
    runs: { type: "string", default: "200" },
    rounds: { type: "string", default: "5" },
    subjects: { type: "string", default: subjects.map(({ name }) => name).join(",") },
    measures: { type: "string", default: measures.map(({ name }) => name).join(",") },
    json: { type: "string", default: join(home, "build/bench.json") },
    must: { type: "boolean", default: false },
  },
});

/** Times of one command in milliseconds. */
function hyperfine(command, runs, work) {
  const report = join(work, "hyperfine.json");
  const quoted = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  const args = ["-N", "--style", "none", "--warmup", "2", "--runs", String(runs), "--export-json", report, quoted];
  const { status, stderr, error } = spawnSync("hyperfine", args, { encoding: "utf8" });
  if (error !== undefined) throw new Error(`hyperfine: ${error.message} (apt-get install hyperfine)`);
  if (status !== 0) throw new Error(`${command.join(" ")}\n${stderr}\n${explain(command)}`);
  return JSON.parse(readFileSync(report, "utf8")).results[0].times.map((seconds) => seconds * 1000);
}

/** What a command that failed says when it is called once more. */
function explain([program, ...args]) {
  const { stdout, stderr, status } = spawnSync(program, args, { encoding: "utf8" });
  return `exit ${String(status)}: ${stdout}${stderr}`.trim();
}

/** KiB, one number for each run. */
function peakMemory(command, runs) {
  return Array.from({ length: runs }, () => {
    const { stdout, stderr, status } = spawnSync(command[0], command.slice(1), { encoding: "utf8" });
    if (status !== 0) throw new Error(`${command.join(" ")}: ${stderr}`);
    return Number(stdout);
  });
}

function compile(work, name) {
  const program = join(work, name);
  const source = join(import.meta.dirname, `${name}.c`);
  const cc = spawnSync("cc", ["-O2", "-static", "-o", program, source], { encoding: "utf8" });
  if (cc.status !== 0) throw new Error(`cc: ${cc.error?.message ?? cc.stderr}`);
  return program;
}

function prepare(work) {
  const profile = podmanProfile();
  const names = ["plain", "filtered", "waiting", "sleeping", "bound", "masked", "mapped"];
  const bundles = Object.fromEntries(names.map((name) => [name, join(work, name)]));
  const spec = { runtime: "runc", args: ["/bin/true"] };
  makeBundle(bundles.plain, spec);
  makeBundle(bundles.waiting, spec);
  makeBundle(bundles.sleeping, { ...spec, args: ["/bin/sleep", "100000"] });
  makeBundle(bundles.filtered, { ...spec, edit: (config) => void (config.linux.seccomp = profile.seccomp) });
  makeManyPaths(bundles, spec);
  return { sequence: compile(work, "sequence"), terminal: compile(work, "terminal"), bundles, names: profile.names };
}

/** 200 bind mounts, 100 masked files, and a user namespace, each in a bundle of its own. */
function makeManyPaths(bundles, spec) {
  const numbers = (count) => Array.from({ length: count }, (_, index) => String(index));
  const bind = (number) => ({ destination: `/many/${number}`, type: "bind", source: "many", options: ["bind", "ro"] });
  makeBundle(bundles.bound, { ...spec, edit: (config) => void config.mounts.push(...numbers(200).map(bind)) });
  mkdirSync(join(bundles.bound, "many"));
  for (const number of numbers(200)) mkdirSync(join(bundles.bound, "rootfs/many", number), { recursive: true });
  const masks = numbers(100).map((number) => `/many/${number}`);
  makeBundle(bundles.masked, { ...spec, edit: (config) => void config.linux.maskedPaths.push(...masks) });
  mkdirSync(join(bundles.masked, "rootfs/many"));
  for (const path of masks) writeFileSync(join(bundles.masked, "rootfs", path), "hidden");
  const all = [{ containerID: 0, hostID: 0, size: 65536 }];
  const map = ({ linux }) => {
    linux.namespaces.push({ type: "user" });
    Object.assign(linux, { uidMappings: all, gidMappings: all });
  };
  makeBundle(bundles.mapped, { ...spec, edit: map });
}

/** `roots` is where state lies: below /run, a filesystem in memory, as it does by default. */
function compare({ work, roots }, chosen, asked) {
  const { sequence, terminal, bundles, names } = prepare(work);
  const runs = Number(options.runs);
  const rounds = Math.min(Number(options.rounds), runs);
  const samples = {};
  for (const measure of asked) {
    const places = chosen.map((subject) => ({
      subject,
      place: {
        runtime: [subject.path, "--root", join(roots, subject.name)],
        // an id of its own: it also names the cgroup where the bundle names none
        id: `bench-${subject.name}`,
        sequence,
        terminal,
        bundles,
      },
    }));
    const command = ({ place }) => measure.command(place);
    samples[measure.name] = Object.fromEntries(chosen.map(({ name }) => [name, []]));
    try {
      for (const { place } of places) measure.before?.(place);
      // in turns, and each round begins with another subject: what the machine does meanwhile befalls all alike
      for (let round = 0; round < rounds; round++)
        for (let turn = 0; turn < places.length; turn++) {
          const entry = places[(round + turn) % places.length];
          const share = Math.max(1, Math.round((runs * entry.subject.share) / rounds));
          const found =
            measure.unit === "KiB"
              ? peakMemory(command(entry), Math.min(share, 5))
              : hyperfine(command(entry), share, work);
          samples[measure.name][entry.subject.name].push(...found);
        }
    } finally {
      for (const { place } of places) measure.after?.(place);
    }
  }
  return { samples, names };
}

function size(path) {
  return existsSync(join(home, path)) ? statSync(join(home, path)).size : undefined;
}

function version({ path }) {
  return spawnSync(path, ["--version"], { encoding: "utf8" }).stdout.split("\n")[0];
}

function main() {
  const chosen = subjects.filter(({ name }) => options.subjects.split(",").includes(name));
  const asked = measures.filter(({ name }) => options.measures.split(",").includes(name));
  const missing = chosen.filter(({ path }) => path === undefined);
  for (const { name, missing: remedy } of missing) console.error(`bench: ${name} is not there: ${remedy}`);
  if (missing.length > 0) return 1;
  const work = mkdtempSync(join(tmpdir(), "tsrun-bench-"));
  const state = stateRoot("tsrun-bench");
  try {
    const { samples, names } = compare({ work, roots: state.path }, chosen, asked);
    const rows = judge(asked, samples);
    const report = {
      date: new Date().toISOString(),
      machine: { cpu: cpus()[0]?.model, cpus: cpus().length, kernel: release(), cgroups: "v1" },
      versions: Object.fromEntries(chosen.map((subject) => [subject.name, version(subject)])),
      bytes: { "dist/tsrun": size("dist/tsrun"), "dist/libtsrun.so": size("dist/libtsrun.so") },
      seccompNames: names,
      rows,
    };
    printTable(report, chosen);
    mkdirSync(dirname(resolve(options.json)), { recursive: true });
    writeFileSync(options.json, JSON.stringify({ ...report, samples }, undefined, 1) + "\n");
    return options.must && rows.some(({ lines }) => lines.some(({ met }) => !met)) ? 1 : 0;
  } finally {
    rmSync(work, { recursive: true, force: true });
    state.remove();
  }
}

process.exitCode = sandboxLayout() === "v1" ? main() : runInSandbox("v1", [process.execPath, ...process.argv.slice(1)]);
