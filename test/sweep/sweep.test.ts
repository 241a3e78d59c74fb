// Killed anywhere: for every system call that a verb makes there is a run in which it is killed right there, and after
// `delete --force` nothing of the container is left: no process, cgroup, mount or state.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { makeBundle } from "../../examples/busybox-bundle.mjs";
import { CgroupParent, mounts, remains, takeInventory, type Inventory } from "../black-box/remains.js";
import { obstacle, production } from "../black-box/runtime.js";
import { buildKiller, strike, type Report, type Strike } from "./killer.js";

const runtime = production();
const id = "swept";
const skip = obstacle(runtime, "test:sweep");

interface Place {
  readonly killer: string;
  readonly bundle: string;
  /** State root; after a fault a fresh one, so that one fault is reported once. */
  root: string;
  readonly parent: CgroupParent;
  readonly work: string;
}

interface Sweep {
  readonly title: string;
  readonly mode: Strike["mode"];
  /** Microseconds from the kill to the clean-up: at once, and when what was orphaned has had time to go on. */
  readonly delay: number;
  /** Verbs before the one that is killed, that one, and what cleans up after it. */
  readonly verbs: readonly [before: readonly string[], victim: string, after: readonly string[]];
}

const cleanUp = ["delete --force"];
const sweeps: readonly Sweep[] = [
  { title: "create", mode: "entry", delay: 0, verbs: [[], "create", cleanUp] },
  { title: "create, cleaned up a little later", mode: "entry", delay: 3000, verbs: [[], "create", cleanUp] },
  { title: "create, after the kernel has done the call", mode: "exit", delay: 0, verbs: [[], "create", cleanUp] },
  { title: "the processes that create makes", mode: "child", delay: 0, verbs: [[], "create", []] },
  { title: "run --detach", mode: "entry", delay: 0, verbs: [[], "run --detach", cleanUp] },
  { title: "start", mode: "entry", delay: 0, verbs: [["create"], "start", cleanUp] },
  { title: "delete --force", mode: "entry", delay: 0, verbs: [["create"], "delete --force", cleanUp] },
];

describe(`${runtime.name} killed at every system call`, { skip }, () => {
  let place: Place;

  before(() => {
    const work = mkdtempSync(join(tmpdir(), "tsrun-sweep-"));
    const parent = new CgroupParent(`tsrun-sweep-${String(process.pid)}`);
    const bundle = join(work, "bundle");
    makeBundle(bundle, {
      runtime: runtime.path,
      args: ["/bin/sleep", "60"],
      edit: (config) => {
        config.linux.cgroupsPath = `${parent.path}/${id}`;
      },
    });
    place = { killer: buildKiller(work), bundle, root: freshRoot(work), parent, work };
  });

  after(() => {
    for (const mount of mounts().map((line) => line.split(" ")[1] ?? ""))
      if (mount.startsWith(place.work)) spawnSync("umount", ["--lazy", mount]);
    place.parent.remove();
    rmSync(place.work, { recursive: true, force: true });
  });

  for (const sweep of sweeps)
    test(sweep.title, (context) => {
      const whole = attempt(place, sweep, Number.MAX_SAFE_INTEGER);
      assert.equal(whole.killed, false);
      assert.equal(whole.status, 0, `${sweep.verbs[1]} does not work: ${whole.stderr}`);
      tidy(place, []);
      const calls = [...points(place, sweep)];
      context.diagnostic(`${String(calls.length)} calls, from ${calls[0] ?? "none"} to ${calls.at(-1) ?? "none"}`);
      assert.ok(calls.length > 10, `only ${String(calls.length)} calls were seen`);
    });
});

function freshRoot(work: string): string {
  return mkdtempSync(join(work, "root-"));
}

function command(place: Place, verb: string): readonly string[] {
  const [name = "", ...flags] = verb.split(" ");
  const bundle = name === "create" || name === "run" ? ["--bundle", place.bundle] : [];
  return [runtime.path, "--root", place.root, name, ...flags, ...bundle, id];
}

function attempt(place: Place, { mode, delay, verbs }: Sweep, nth: number): Report {
  const [earlier, victim, later] = verbs;
  return strike(place.killer, {
    ...{ mode, nth, delay },
    before: earlier.map((verb) => command(place, verb)),
    victim: command(place, victim),
    after: later.map((verb) => command(place, verb)),
  });
}

/** Kills at the first call, the second, and so on until the command ends by itself; answers the names of the calls. */
function* points(place: Place, sweep: Sweep): Generator<string> {
  const faults: string[] = [];
  let clean = takeInventory(place.parent, place.root);
  for (let nth = 1; ; nth++) {
    const report = attempt(place, sweep, nth);
    if (!report.killed) {
      tidy(place, []);
      break;
    }
    const found = judge(place, sweep, report, clean);
    if (found.length > 0) {
      faults.push(`call ${String(nth)}, ${report.call}: ${found.join("; ")}`);
      tidy(place, []);
      place.root = freshRoot(place.work);
      clean = takeInventory(place.parent, place.root);
    }
    if (faults.length >= 20) break;
    yield report.call;
  }
  assert.equal(faults.length, 0, `\n${faults.join("\n")}`);
}

function judge(place: Place, sweep: Sweep, report: Report, clean: Inventory): readonly string[] {
  const faults: string[] = [];
  if (sweep.mode === "child") {
    // what create started is dead: create must say so and clean up by itself, unless it had already succeeded
    if (report.status === 0) tidy(place, faults);
    else if (report.stderr.trim() === "") faults.push("create failed without a word");
  } else if (report.others.some((status) => status !== 0)) {
    faults.push(`exit statuses of the other verbs: ${report.others.join(", ")} (${report.stderr.trim()})`);
  }
  if (report.left > 0) faults.push(`${String(report.left)} processes left`);
  faults.push(...remains(clean, takeInventory(place.parent, place.root)));
  return faults;
}

/** Removes a container that is known, so that the next point begins clean. */
function tidy(place: Place, faults: string[]): void {
  const { status, stderr } = strike(place.killer, {
    ...{ mode: "entry", nth: Number.MAX_SAFE_INTEGER, delay: 0, before: [], after: [] },
    victim: command(place, "delete --force"),
  });
  if (status !== 0) faults.push(`delete --force: exit ${String(status)}: ${stderr.trim()}`);
}
