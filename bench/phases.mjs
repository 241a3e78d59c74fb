// Where the time of one `run` goes: strace notes when the few calls that begin a phase happen, and nothing else.
//   node bench/phases.mjs [--runtime PATH] [--runs N] [--filtered] [--json FILE]
// A phase lasts from its own mark to the next one; what is printed is its median over the runs, in milliseconds.
// The marks are calls that every runtime must make, so runc and crun can be cut into the same phases.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { makeBundle } from "../examples/busybox-bundle.mjs";
import { sandboxLayout, runInSandbox } from "../test/black-box/sandbox.mjs";
import { stateRoot } from "./state-root.mjs";
import { podmanProfile } from "./seccomp.mjs";
import { median } from "./table.mjs";

/** In the order in which they happen. The first line at or after the mark before that matches begins the phase. */
const marks = [
  { phase: "engine: exec to config.json", call: /execve\("/ },
  { phase: "config, validation, plan", call: /open(at)?\(.*config\.json/ },
  { phase: "state and cgroups", call: /mkdir(at)?\(/ },
  { phase: "init: clone and exec", call: /clone3?\((?!.*CLONE_THREAD)|vfork\(/ },
  { phase: "mounts", call: /(mount\("|fsopen\(|open_tree\()/ },
  { phase: "pivot, masks, limits", call: /pivot_root\(/ },
  { phase: "seccomp, start, exec", call: /seccomp\(|capset\(/ },
  { phase: "the program itself", call: /execve\("(\/bin\/true|\/proc\/self\/fd)|execveat\(.*"?(true)?/, last: true },
  { phase: "end and clean-up", call: /exit_group\(|exited with/, afterProgram: true },
];
const traced =
  "execve,execveat,open,openat,mkdir,mkdirat,clone,clone3,vfork,mount,fsopen,open_tree,pivot_root,seccomp,capset,exit_group";

/** Lines of `strace -f -ttt`: process, time in ms, text. */
function parse(text) {
  return text
    .split("\n")
    .map((line) => /^(\d+) +(\d+\.\d+) (.*)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, pid, time, what]) => ({ pid, time: Number(time) * 1000, what }));
}

/** Time at which each phase begins; a phase whose mark is not found lasts no time. */
function begin(lines) {
  const execs = lines
    .map(({ what }, index) => (/^execve(at)?\(/.test(what) ? index : -1))
    .filter((index) => index >= 0);
  const program = execs.at(-1) ?? lines.length - 1;
  let at = 0;
  const starts = marks.map(({ call, last, afterProgram }) => {
    if (last) at = program;
    const from = afterProgram ? program + 1 : at;
    const found = lines.findIndex(
      ({ what }, index) => index >= from && (last || index < program || afterProgram) && call.test(what),
    );
    if (found < 0) return undefined;
    at = found;
    return lines[found].time;
  });
  const end = lines.at(-1).time;
  let next = end;
  for (let index = starts.length - 1; index >= 0; index--) next = starts[index] ??= next;
  return [...starts, end];
}

function trace(runtime, bundle, { work, root }, number) {
  const file = join(work, "trace");
  const args = ["-f", "--seccomp-bpf", "-ttt", "-s", "64", "-e", `trace=${traced}`, "-o", file];
  const run = [runtime, "--root", root, "run", "--bundle", bundle, `phases-${String(number)}`];
  const { status, stderr } = spawnSync("strace", [...args, ...run], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${run.join(" ")}: exit ${String(status)}: ${stderr}`);
  const starts = begin(parse(readFileSync(file, "utf8")));
  return marks.map((_, index) => starts[index + 1] - starts[index]);
}

function main() {
  const { values: options } = parseArgs({
    options: {
      runtime: { type: "string", default: resolve(import.meta.dirname, "../dist/tsrun") },
      runs: { type: "string", default: "40" },
      filtered: { type: "boolean", default: false },
      json: { type: "string" },
    },
  });
  const work = mkdtempSync(join(tmpdir(), "tsrun-phases-"));
  const state = stateRoot("tsrun-phases");
  const root = state.path;
  try {
    const edit = (config) => void (options.filtered && (config.linux.seccomp = podmanProfile().seccomp));
    makeBundle(work, { runtime: "runc", args: ["/bin/true"], edit });
    trace(options.runtime, work, { work, root }, 0); // warm: caches of files and of the compiled filter
    const runs = Array.from({ length: Number(options.runs) }, (_, index) =>
      trace(options.runtime, work, { work, root }, index + 1),
    );
    const phases = marks.map(({ phase }, index) => ({ phase, ms: median(runs.map((run) => run[index])) }));
    const total = median(runs.map((run) => run.reduce((sum, part) => sum + part, 0)));
    for (const { phase, ms } of phases)
      console.log(`${phase.padEnd(28)} ${ms.toFixed(2).padStart(7)} ms ${"#".repeat(Math.round((ms / total) * 50))}`);
    console.log(`${"all, under strace".padEnd(28)} ${total.toFixed(2).padStart(7)} ms`);
    if (options.json !== undefined)
      writeFileSync(options.json, JSON.stringify({ runtime: options.runtime, phases, total }, undefined, 1) + "\n");
    return 0;
  } finally {
    rmSync(work, { recursive: true, force: true });
    state.remove();
  }
}

process.exitCode = sandboxLayout() === "v1" ? main() : runInSandbox("v1", [process.execPath, ...process.argv.slice(1)]);
