// exec as engines call it, and when it cannot be done.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Check, check } from "../chapter.js";
import type { Container } from "../container.js";
import { equal, holds, matches, present } from "../expect.js";
import { eventually, readText } from "../host.js";
import type { Answer } from "../invoke.js";

/** Runs a program in the container; it must succeed. Answers what it printed, trimmed. */
export async function inside(
  container: Container,
  words: readonly string[],
  flags: readonly string[] = [],
): Promise<string> {
  return (await container.must("exec", { flags }, words)).stdout.trim();
}

export const refused = (
  container: Container,
  words: readonly string[],
  flags: readonly string[] = [],
): Promise<Answer> => container.refused("exec", { flags }, words);

/** A process.json in the bundle, of the container's own process but for what is said. */
export function processFile(container: Container, change: object): string {
  const file = join(container.bundle, "process.json");
  writeFileSync(file, JSON.stringify({ ...container.config.process, ...change }));
  return file;
}

/** Starts a program in the background; its number outside. */
export async function background(container: Container, words: readonly string[], flags: readonly string[] = []) {
  const file = join(container.bundle, "exec.pid");
  await container.must("exec", { flags: ["--detach", "--pid-file", file, ...flags] }, words);
  const text = present("pid file", readText(file));
  matches("pid file", text, /^[0-9]+$/);
  return Number(text);
}

export const execFailures: readonly Check[] = [
  check("missing", "a program that is not there: engines know it by the words", async (t) => {
    const container = await t.running();
    const named = await refused(container, ["no-such-program"]);
    matches("words", named.stderr, /executable file (`no-such-program` )?not found in \$PATH/);
    matches("words", (await refused(container, ["/no/such"])).stderr, /no such file or directory/i);
    matches("words", (await refused(container, ["/etc/passwd"])).stderr, /permission denied/i);
  }),

  check("status-failed", "exec itself fails with 255: every other status could be the program's", async (t) => {
    const container = await t.running();
    equal("status", (await refused(container, ["no-such-program"])).status, 255);
  }),

  check("nobody", "without a command there is nothing to run", async (t) => {
    await refused(await t.running(), []);
  }),

  check("created", "a container that waits for start can be entered, too", async (t) => {
    const container = t.container(["sleep", "1000"]);
    await container.must("create");
    equal("output", await inside(container, ["hostname"]), "conformance");
  }),

  check("stopped", "a container that has stopped cannot be entered", async (t) => {
    const container = await t.running();
    const pid = await container.pid();
    await container.kill();
    await container.ended(pid);
    matches("words", (await refused(container, ["true"])).stderr, /stopped|not running/);
  }),

  check("paused", "a paused container cannot be entered", async (t) => {
    const container = await t.running();
    await container.must("pause");
    matches("words", (await refused(container, ["true"])).stderr, /paused/);
    await container.must("resume");
  }),

  check("ignore-paused", "unless the caller insists: the program begins when the container goes on", async (t) => {
    const container = await t.running();
    await container.must("pause");
    const late = container.call("exec", { flags: ["--ignore-paused"] }, ["echo", "late"]);
    await container.must("resume");
    const { stdout, stderr } = await late;
    equal("output", [stdout, stderr], ["late\n", ""]);
  }),

  check("unknown", "nor one that there is not", async (t) => {
    const container = t.container(["true"]);
    matches("words", (await refused(container, ["true"])).stderr, /does not exist|No such file/);
  }),

  check("process", "--process FILE describes the whole process", async (t) => {
    const container = await t.running();
    const file = processFile(container, {
      args: ["sh", "-c", "id -u; pwd; echo $A; umask"],
      cwd: "/proc",
      env: ["PATH=/bin", "A=from the file"],
      user: { uid: 5, gid: 6 },
    });
    equal("output", await inside(container, [], ["--process", file]), "5\n/proc\nfrom the file\n0022");
  }),

  check("process-detached", "as engines call it: detached, with a pid file", async (t) => {
    const container = await t.running();
    const file = processFile(container, { args: ["sleep", "1000"] });
    const pid = await background(container, [], ["--process", file]);
    matches("command", present("cmdline", readText(`/proc/${pid}/cmdline`)), /^sleep.1000/);
  }),

  check("process-bad", "a file that describes no process is refused", async (t) => {
    const container = await t.running();
    const file = join(container.bundle, "bad.json");
    for (const text of ["", "{", "null", "[]", "{}", '{"args":"sh","cwd":"/"}', '{"args":[],"cwd":"/"}']) {
      writeFileSync(file, text);
      await refused(container, [], ["--process", file]);
    }
    await refused(container, [], ["--process", join(container.bundle, "missing.json")]);
    await refused(container, [], ["--process", processFile(container, { cwd: "relative" })]);
  }),

  check("process-pipe", "a pipe instead of a file is refused, not waited for", async (t) => {
    const container = await t.running();
    const pipe = join(container.bundle, "pipe");
    t.outside("mkfifo", pipe);
    await refused(container, [], ["--process", pipe]);
  }),

  check("pid-file-place", "a pid file that cannot be written fails the call, and the program goes", async (t) => {
    const container = await t.running();
    await refused(container, ["sleep", "777"], ["--detach", "--pid-file", join(container.bundle, "no/such/pid")]);
    const gone = () => !t.outside("ps", "-eo", "args").includes("sleep 777");
    holds("the program is gone", await eventually(gone));
  }),

  check("pid-file-stale", "a call that fails leaves no pid file, not even an older one", async (t) => {
    const container = await t.running();
    const file = t.file("stale.pid", "1");
    await refused(container, ["no-such-program"], ["--detach", "--pid-file", file]);
    holds("the file is gone", !existsSync(file));
  }),

  check("dying", "a container that ends meanwhile fails the call, and hangs nobody", async (t) => {
    for (let round = 0; round < 5; round++) {
      const container = await t.running();
      const calls = [0, 1, 2].map(() => container.call("exec", {}, ["sleep", "0.01"]));
      await container.kill();
      for (const { status, stderr } of await Promise.all(calls))
        holds("a status that says what happened", status === 0 || status === 137 || stderr !== "", status);
      await container.must("delete", { flags: ["--force"] });
    }
  }),
];
