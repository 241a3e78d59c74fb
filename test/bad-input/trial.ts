// One bad input: a bundle of its own, one call of the runtime, and a look at everything it could have left behind.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { defaultConfig, type BundleConfig } from "../../examples/busybox-bundle.mjs";
import { remains, takeInventory, type CgroupParent, type Inventory } from "../black-box/remains.js";
import type { Runtime } from "../black-box/runtime.js";

const timeLimit = 20_000;

export interface Answer {
  /** `null` when the call did not end in time. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Scene extends Inventory {
  readonly processes: readonly string[];
}

/** Stands for a JSON token that JSON.stringify cannot write, such as 1e400; {@link Trial.configure} puts it in. */
export function token(text: string): string {
  return `@token:${text}@`;
}

export class Trial {
  readonly id = "bad";
  readonly bundle: string;
  readonly root: string;
  readonly log: string;
  private calls = 0;
  private config: BundleConfig | undefined;

  readonly runtime: Runtime;
  readonly parent: CgroupParent;
  readonly directory: string;
  /** A root filesystem that all trials share; none writes to it. */
  readonly rootfs: string;

  constructor(runtime: Runtime, parent: CgroupParent, directory: string, rootfs: string) {
    this.runtime = runtime;
    this.parent = parent;
    this.directory = directory;
    this.rootfs = rootfs;
    this.bundle = mkdtempSync(join(directory, "bundle-"));
    this.root = mkdtempSync(join(directory, "root-"));
    this.log = join(this.bundle, "log");
  }

  /** Writes config.json: the runtime's own default with a program that waits, changed by `edit`. */
  configure(edit?: (config: BundleConfig) => void): void {
    if (this.config === undefined) {
      this.config = defaultConfig(this.runtime.path, mkdtempSync(join(this.directory, "spec-")), ["/bin/sleep", "100"]);
      this.config.root.path = this.rootfs;
      this.config.linux.cgroupsPath = `${this.parent.path}/${this.id}`;
    }
    const config = structuredClone(this.config);
    edit?.(config);
    this.write(JSON.stringify(config, undefined, 2).replaceAll(/"@token:([^"]*)@"/g, "$1"));
  }

  /** Writes config.json as it is given. */
  write(text: string): void {
    writeFileSync(join(this.bundle, "config.json"), text);
  }

  /** Calls the runtime; `{bundle}`, `{id}` and `{directory}` in the arguments are replaced. */
  call(args: readonly string[], globals: readonly string[] = []): Answer {
    const words = args.map((word) =>
      word.replace("{bundle}", this.bundle).replace("{id}", this.id).replace("{directory}", this.directory),
    );
    // files, since what `create` leaves running would keep a pipe open
    const stem = join(this.bundle, `call-${String(++this.calls)}`);
    const files = [openSync(`${stem}.out`, "w"), openSync(`${stem}.err`, "w")] as const;
    try {
      const { status } = spawnSync(this.runtime.path, ["--root", this.root, ...globals, ...words], {
        stdio: ["ignore", ...files],
        cwd: this.bundle,
        timeout: timeLimit,
        killSignal: "SIGKILL",
      });
      return { status, stdout: readFileSync(`${stem}.out`, "utf8"), stderr: readFileSync(`${stem}.err`, "utf8") };
    } finally {
      for (const file of files) closeSync(file);
    }
  }

  /** A call that only prepares and must succeed. */
  must(...args: readonly string[]): string {
    const { status, stdout, stderr } = this.call(args);
    if (status !== 0) throw new Error(`${this.runtime.name} ${args.join(" ")}: exit ${String(status)}: ${stderr}`);
    return stdout;
  }

  /** Calls until the container has the status. */
  async reach(status: string): Promise<void> {
    for (let turn = 0; turn < 100; turn++) {
      if ((JSON.parse(this.must("state", "{id}")) as { status: string }).status === status) return;
      await pause(20);
    }
    throw new Error(`${this.runtime.name}: the container is not ${status} after two seconds`);
  }

  scene(): Scene {
    return { ...takeInventory(this.parent, this.root), processes: processes() };
  }

  /** Fails unless all that is there now was there `before`; processes have two seconds to end. */
  async nothingLeft(before: Scene): Promise<void> {
    let found: readonly string[] = [];
    for (let turn = 0; turn < 100; turn++) {
      found = [
        ...remains(before, takeInventory(this.parent, this.root)),
        ...processes()
          .filter((process) => !before.processes.includes(process))
          .map((process) => `process: ${process}`),
      ];
      if (found.length === 0) return;
      await pause(20);
    }
    assert.fail(`left behind: ${found.join(", ")}`);
  }

  /** Removes the container, whatever became of it. */
  tidy(): void {
    this.call(["delete", "--force", "{id}"]);
  }
}

/** Number and name of every process that is no zombie. */
function processes(): readonly string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => (existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, "utf8") : ""))
    .filter((stat) => stat !== "" && !/\) [ZX] /.test(stat))
    .map((stat) => stat.slice(0, stat.lastIndexOf(")") + 1));
}

/** One line on standard error that matches, exit status 1, and silence on standard output, or help. */
export function refused(answer: Answer, says: RegExp, helps = false): void {
  const { status, stdout, stderr } = answer;
  assert.notEqual(status, null, "did not end within 20 seconds");
  assert.equal(status, 1, `exit ${String(status)}: ${stderr.slice(0, 2000)}`);
  if (helps) assert.match(stdout, /^Incorrect Usage\.\n\nNAME:\n/);
  else assert.equal(stdout, "", "wrote to standard output");
  assert.match(stderr, /^[^\n]+\n$/, "not exactly one line on standard error");
  assert.match(stderr, says);
  assert.ok(stderr.length < 4096, `a line of ${String(stderr.length)} characters`);
}

/** Exactly one record in the log of this call, with the sentence that standard error has. */
export function logged(trial: Trial, { stderr }: Answer): void {
  const lines = readFileSync(trial.log, "utf8").split("\n");
  assert.equal(lines.pop(), "");
  assert.equal(lines.length, 1, `${String(lines.length)} records in the log`);
  const { level, msg, time } = JSON.parse(lines[0] ?? "") as Record<string, string>;
  assert.equal(level, "error");
  assert.ok(msg !== undefined && stderr.includes(msg), `the log says ${String(msg)}, standard error ${stderr}`);
  assert.match(time ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/);
}
