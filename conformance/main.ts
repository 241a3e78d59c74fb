// Runs the chapters against a runtime, in a sandbox unless told otherwise.
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Chapter, type Check, Skip } from "./chapter.js";
import { chapters } from "./chapters/index.js";
import { Failure } from "./expect.js";
import { exists, hierarchies, placeOf, withController } from "./host.js";
import { setTimeLimit } from "./invoke.js";
import { type Layout, type Options, readOptions, usage } from "./options.js";
import { type Peer, recognise } from "./peers.js";
import { printChapter, printSum, type Verdict } from "./report.js";
import { preparePrograms } from "./rootfs.js";
import { removeCgroup, type Setting, Trial } from "./trial.js";

/** Set inside the sandbox, where the suite starts itself again. */
const marker = "TSRUN_CONFORMANCE_SANDBOX";

async function main(): Promise<number> {
  const args = process.argv.slice(2);
  let options: Options;
  try {
    options = readOptions(args);
  } catch (cause) {
    process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n${usage}\n`);
    return 2;
  }
  const peer = recognise(options.runtime, [
    options.sandbox === undefined || options.sandbox === "none" ? machineLayout() : options.sandbox,
    options.systemd ? "systemd" : "cgroupfs",
    options.sandbox === "none" ? "no-sandbox" : "sandbox",
  ]);
  const layout = options.sandbox ?? peer.layout ?? machineLayout();
  if (layout !== "none" && process.env[marker] !== layout) return inSandbox(layout, args);
  return judge(options, peer, layout);
}

function machineLayout(): Layout {
  return hierarchies().some(({ version }) => version === 1) ? "hybrid" : "v2";
}

/** Starts this command again in the sandbox; what it prints is ours. */
function inSandbox(layout: Layout, args: readonly string[]): number {
  const command = [process.execPath, join(import.meta.dirname, "run.mjs"), ...args];
  const { status, signal } = spawnSync("bash", [join(import.meta.dirname, "sandbox.sh"), layout, ...command], {
    stdio: "inherit",
    env: { ...process.env, [marker]: layout },
  });
  return status ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}

async function judge(options: Options, peer: Peer, layout: string): Promise<number> {
  setTimeLimit(options.patience);
  const wanted = chosen(options.chapters);
  const workshop = mkdtempSync(join(tmpdir(), "conformance-programs-"));
  chmodSync(workshop, 0o755);
  const [program = "", ...rest] = options.runtime;
  const setting: Setting = {
    runtime: [program.includes("/") ? resolve(program) : program, ...rest],
    programs: preparePrograms(workshop, options.probe),
    cgroupParent: options.systemd ? `conformance-${process.pid}.slice` : `/tsrun-conformance-${process.pid}`,
  };
  process.stdout.write(`${peer.version} (${layout === "none" ? "no sandbox" : `sandbox ${layout}`})\n`);
  try {
    const cannot = options.noExcuses ? {} : peer.cannot;
    const verdicts: Verdict[] = [];
    for (const chapter of wanted) {
      const results = await runChapter(chapter, setting, options, cannot);
      printChapter(chapter, results);
      verdicts.push(...results);
    }
    return printSum(verdicts);
  } finally {
    rmSync(workshop, { recursive: true });
    for (const parent of hierarchies().map(({ mount }) => join(mount, placeOf(setting.cgroupParent))))
      if (exists(parent)) removeCgroup(parent);
  }
}

function chosen(names: readonly string[]): readonly Chapter[] {
  for (const name of names)
    if (!chapters.some((chapter, index) => isCalled(chapter, index, name)))
      throw new Error(`there is no chapter ${name}`);
  return names.length === 0
    ? chapters
    : chapters.filter((chapter, index) => names.some((name) => isCalled(chapter, index, name)));
}

function isCalled(chapter: Chapter, index: number, name: string): boolean {
  return chapter.name === name || String(index + 1) === name;
}

async function runChapter(
  chapter: Chapter,
  setting: Setting,
  { jobs, again }: Options,
  cannot: Readonly<Record<string, string>>,
): Promise<Verdict[]> {
  const verdicts = new Map<Check, Verdict>();
  const judgeOne = async (check: Check): Promise<void> => {
    const excuse = cannot[`${chapter.name}/${check.name}`];
    if (excuse !== undefined) {
      verdicts.set(check, { check, result: "skipped", reason: `peer cannot: ${excuse}`, excused: true });
      return;
    }
    let verdict = await runCheck(check, setting, chapter.needs);
    for (let left = again; left > 0 && verdict.result === "failed"; left--)
      verdict = await runCheck(check, setting, chapter.needs);
    verdicts.set(check, verdict);
  };
  const queue = chapter.checks.filter((check) => !check.alone);
  const worker = async (): Promise<void> => {
    for (let check = queue.shift(); check !== undefined; check = queue.shift()) await judgeOne(check);
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  for (const check of chapter.checks) if (check.alone) await judgeOne(check);
  return chapter.checks.flatMap((check) => verdicts.get(check) ?? []);
}

async function runCheck(check: Check, setting: Setting, controller?: string): Promise<Verdict> {
  if (controller !== undefined && withController(controller) === undefined)
    return { check, result: "skipped", reason: `no cgroup hierarchy of this machine has the controller ${controller}` };
  const trial = new Trial(setting);
  let verdict: Verdict = { check, result: "passed" };
  try {
    await check.body(trial);
  } catch (cause) {
    verdict = { check, result: cause instanceof Skip ? "skipped" : "failed", reason: oneLine(cause) };
  }
  const left = await trial.clean();
  if (verdict.result === "passed" && left.length > 0)
    return { check, result: "failed", reason: `left behind after delete --force: ${left.join(", ")}` };
  return verdict;
}

function oneLine(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const text = cause instanceof Failure || cause instanceof Skip ? cause.message : (cause.stack ?? cause.message);
  const line = text.trim().replaceAll(/\s*\n\s*/g, " | ");
  return line.length > 600 ? `${line.slice(0, 600)}...` : line;
}

try {
  process.exitCode = await main();
} catch (cause) {
  process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
  process.exitCode = 2;
}
