// First contact: engines with their default settings run a busybox image on the runtime and show what it printed.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { mustRun, obstacle, production } from "../black-box/runtime.js";
import { engines, must, type Engine, type OpenEngine } from "./engines.js";
import { makeImage } from "./image.js";

interface Contact {
  readonly title: string;
  readonly flags?: readonly string[];
  readonly args: readonly string[];
  readonly input?: string;
  readonly prints?: string;
  /** Exit status, or one for each engine where engines differ. */
  readonly status?: number | Readonly<Record<string, number>>;
  /** What the engine must say on its standard error. */
  readonly says?: RegExp;
  /** Only these engines. */
  readonly only?: readonly string[];
}

const contacts: readonly Contact[] = [
  { title: "prints what the container prints", args: ["echo", "hello from inside"], prints: "hello from inside\n" },
  { title: "is process 1", args: ["sh", "-c", "echo $$"], prints: "1\n" },
  { title: "passes the exit status on", args: ["sh", "-c", "exit 7"], status: 7 },
  {
    title: "passes an exit status above 128 on",
    args: ["sh", "-c", "sleep 5 & kill -9 $!; wait $!"],
    status: 137,
  },
  {
    title: "keeps the two outputs apart",
    args: ["sh", "-c", "echo out; echo err >&2"],
    prints: "out\n",
    says: /^err\r?$/m,
  },
  {
    title: "passes standard input on",
    flags: ["--interactive"],
    args: ["cat"],
    input: "from outside\n",
    prints: "from outside\n",
    only: ["podman", "docker"],
  },
  {
    title: "a program that does not exist is reported as such",
    args: ["does-not-exist"],
    status: { podman: 127, docker: 127, containerd: 1 },
    says: /executable file (`does-not-exist` )?not found in \$PATH/,
  },
  {
    title: "a program that may not be executed is reported as such",
    args: ["/etc/not-executable"],
    status: { podman: 126, docker: 126, containerd: 1 },
    says: /permission denied/i,
  },
  {
    title: "a read-only root",
    flags: ["--read-only"],
    args: ["sh", "-c", "echo x >/x"],
    status: 1,
    says: /Read-only file system/,
  },
  {
    title: "a memory limit",
    flags: ["--memory", "64m"],
    args: ["sh", "-c", "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null || true"],
    prints: "67108864\n",
    only: ["podman", "docker"],
  },
];

const runtime = production();

for (const engine of engines) {
  const absent = engine.needs.filter((name) => spawnSync("sh", ["-c", `command -v ${name}`]).status !== 0);
  const skip = obstacle(runtime, "test:engines") || mustRun(absent.length > 0 && `not installed: ${absent.join(", ")}`);
  describe(`${engine.name} runs containers on ${runtime.name}`, { skip }, () => {
    meet(engine);
  });
}

function meet(engine: Engine): void {
  let directory = "";
  let open: OpenEngine | undefined;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), `tsrun-${engine.name}-`));
    // sockets, locks and name spaces of engines that run on this machine stay out of reach
    must(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run"]);
    for (const name of ["/run/lock", "/run/netns"]) mkdirSync(name);
    open = await engine.open({ runtime: runtime.path, directory, archive: makeImage(directory) });
  });

  after(async () => {
    await open?.close();
    must(["umount", "--lazy", "/run"]);
    unmountBelow(directory);
    rmSync(directory, { recursive: true, force: true });
  });

  for (const contact of contacts.filter(({ only }) => only?.includes(engine.name) ?? true))
    test(contact.title, () => {
      assert.ok(open);
      const [program = "", ...args] = open.run(contact.flags ?? [], contact.args);
      const { status, stdout, stderr } = spawnSync(program, args, {
        encoding: "utf8",
        input: contact.input ?? "",
        env: { ...process.env, ...open.env },
        timeout: 30_000,
      });
      const expected = typeof contact.status === "object" ? contact.status[engine.name] : (contact.status ?? 0);
      assert.equal(status, expected, `exit ${String(status)}: ${stdout}${stderr}`);
      if (contact.prints !== undefined) assert.equal(stdout, contact.prints, stderr);
      if (contact.says !== undefined) assert.match(stderr, contact.says);
    });
}

/** Engines leave the mounts of their storage behind. */
function unmountBelow(directory: string): void {
  const points = must(["cat", "/proc/self/mounts"])
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "")
    .filter((point) => point.startsWith(`${directory}/`));
  for (const point of points.reverse()) must(["umount", "--lazy", point]);
}
