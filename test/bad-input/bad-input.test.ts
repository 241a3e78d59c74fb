// Bad input, on each front: one line on standard error, exit status 1, one record in the log, and nothing left behind.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { makeRootfs } from "../../examples/busybox-bundle.mjs";
import { CgroupParent } from "../black-box/remains.js";
import { fronts, obstacle, type Runtime } from "../black-box/runtime.js";
import { bundles } from "./bundles.js";
import { createArgs, type Case } from "./case.js";
import { commandLines } from "./command-lines.js";
import { fullDisk } from "./full-disk.js";
import { lifecycles } from "./lifecycles.js";
import { machines } from "./machines.js";
import { standardDescriptors } from "./standard-descriptors.js";
import { texts } from "./texts.js";
import { logged, refused, Trial } from "./trial.js";
import { everythingAtOnce } from "./validate.js";

const tables: Readonly<Record<string, readonly Case[]>> = {
  "the bundle": bundles,
  "config.json": texts,
  "the command line": commandLines,
  "the moment": lifecycles,
  "the machine": machines,
};

for (const runtime of fronts())
  describe(`bad input, ${runtime.name}`, { skip: obstacle(runtime, "test:bad-input") }, () => {
    judge(runtime);
  });

function judge(runtime: Runtime): void {
  const directory = mkdtempSync(join(tmpdir(), "tsrun-bad-input-"));
  const rootfs = join(directory, "rootfs");
  let parent: CgroupParent;
  const trial = (): Trial => new Trial(runtime, parent, directory, rootfs);

  before(() => {
    makeRootfs(rootfs);
    parent = new CgroupParent(`tsrun-bad-input-${String(process.pid)}`);
  });

  after(() => {
    parent.remove();
    rmSync(directory, { recursive: true, force: true });
  });

  for (const [name, table] of Object.entries(tables))
    describe(name, () => {
      for (const entry of table)
        test(entry.title, async () => {
          await attempt(trial(), entry);
        });
    });
  describe("standard descriptors", () => {
    standardDescriptors(trial);
  });
  describe("a full disk", () => {
    fullDisk(trial);
  });
  describe("validate", () => {
    everythingAtOnce(trial);
  });
}

async function attempt(
  trial: Trial,
  { args = createArgs, edit, text, prepare, says, keeps, helps, unlogged }: Case,
): Promise<void> {
  const empty = trial.scene();
  try {
    if (text === undefined) trial.configure(edit);
    else trial.write(text);
    await prepare?.(trial);
    const scene = trial.scene();
    const answer = trial.call(args, unlogged === true ? [] : ["--log", trial.log, "--log-format", "json"]);
    refused(answer, says, helps);
    if (unlogged !== true) logged(trial, answer);
    await trial.nothingLeft(scene);
    if (keeps !== undefined)
      assert.equal((JSON.parse(trial.must("state", trial.id)) as { status: string }).status, keeps);
  } finally {
    trial.tidy();
    rmSync(join(trial.root, trial.id), { recursive: true, force: true });
  }
  await trial.nothingLeft(empty);
  spawnSync("rm", ["-rf", trial.bundle]);
}
