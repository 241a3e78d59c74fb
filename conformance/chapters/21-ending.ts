import { join } from "node:path";
import { type Chapter, check } from "../chapter.js";
import type { Container } from "../container.js";
import { equal, holds, matches } from "../expect.js";
import { eventually, exists, mountsBelow, pause, processesOf, readText } from "../host.js";

async function waitedFor(container: Container): Promise<string> {
  return (await container.must("wait")).stdout;
}

/** Stopped, and reaped by whoever is its parent. */
async function gone(container: Container, pid: number): Promise<void> {
  await container.ended(pid);
  holds("somebody reaps it", await eventually(() => !exists(`/proc/${String(pid)}`)));
}

export const ending: Chapter = {
  name: "ending",
  title: "The end of a container",
  about:
    "how its program ended is told while somebody waits, and afterwards, without a process that stays behind for it",
  checks: [
    check("wait", "wait waits for the end and prints the exit status", async (t) => {
      const container = await t.running(undefined, [
        "sh",
        "-c",
        "while ! test -e /dev/shm/end; do usleep 20000; done; exit 42",
      ]);
      let answered = false;
      const answer = waitedFor(container).finally(() => (answered = true));
      await pause(300);
      equal("answered while it runs", answered, false);
      const pid = await container.pid();
      t.outside("nsenter", "-t", String(pid), "-m", "touch", "/dev/shm/end");
      equal("printed", await answer, "42\n");
    }),

    check("wait-afterwards", "wait knows it after the fact, more than once", async (t) => {
      const container = await t.running(undefined, ["sh", "-c", "usleep 300000; exit 7"]);
      const pid = await container.pid().catch(() => 0);
      holds("it ends", await eventually(() => pid === 0 || !exists(`/proc/${String(pid)}`)));
      equal("printed", [await waitedFor(container), await waitedFor(container)], ["7\n", "7\n"]);
    }),

    check("wait-signal", "128 and the signal's number when a signal ended it", async (t) => {
      const container = await t.running();
      const pid = await container.pid();
      await container.kill("KILL");
      await gone(container, pid);
      equal("printed", await waitedFor(container), "137\n");
    }),

    check("wait-kept", "run --keep leaves the exit status with the state", async (t) => {
      const container = t.container(["sh", "-c", "exit 9"]);
      equal("of run", (await container.run({ flags: ["--keep"] })).status, 9);
      equal("printed", await waitedFor(container), "9\n");
      equal("of state", (await container.status("stopped"))["exitStatus"], 9);
    }),

    check("state", "state tells the exit status of what has ended, and of nothing else", async (t) => {
      const container = await t.running();
      equal("while it runs", (await container.status("running"))["exitStatus"], undefined);
      const pid = await container.pid();
      await container.kill("TERM");
      await container.kill("KILL");
      await gone(container, pid);
      equal("afterwards", (await container.status("stopped"))["exitStatus"], 137);
    }),

    check("wait-unknown", "wait for an unknown container is refused", async (t) => {
      matches("words", (await t.container(["true"]).refused("wait")).stderr, /does not exist/);
    }),

    check(
      "nothing-stays",
      "nothing but the container's own processes stays behind, and delete removes the rest",
      async (t) => {
        const container = await t.running(undefined, ["sleep", "1000"]);
        equal("processes", processesOf(t.token), [await container.pid()]);
        await container.must("delete", { flags: ["--force"] });
        equal("mounts", mountsBelow(t.stateRoot), []);
        await t.leavesNothing();
      },
    ),

    check("pidfd", "--pidfd-socket gets a pidfd of the first process", async (t) => {
      const container = t.container(["sh", "-c", "exit 3"]);
      const socket = join(t.directory, "pidfd");
      const create = container.command("create", ["--pidfd-socket", socket]);
      const said = await t.around("pidfd", socket, ...create, "--", ...container.command("start"));
      equal("the message, and what becomes of the process", said.split("\n"), ["standard", "ended"]);
    }),

    check("pidfd-nobody", "a pidfd socket that is not there lets create fail", async (t) => {
      await t.control();
      const container = t.container(["true"]);
      await container.refused("create", { flags: ["--pidfd-socket", join(t.directory, "nobody")] });
      await t.leavesNothing();
    }),

    check("pid-file-nowhere", "a pid file in a directory that is not there lets create fail", async (t) => {
      await t.control();
      const container = t.container(["true"]);
      const file = join(t.directory, "no/such/pid");
      matches(
        "words",
        (await container.refused("create", { flags: ["--pid-file", file] })).stderr,
        /no such file or directory/i,
      );
      await t.leavesNothing();
    }),

    check("pid-file-stale", "a pid file of an earlier container is replaced", async (t) => {
      const container = t.container(["sleep", "1000"]);
      const file = t.file("pid", "1234567890");
      await container.must("create", { flags: ["--pid-file", file] });
      equal("content", readText(file), String(await container.pid()));
    }),

    check("preserve-closed", "a descriptor that shall be preserved must be open", async (t) => {
      await t.control();
      const container = t.container(["true"]);
      const { stderr } = await container.refused("create", { flags: ["--preserve-fds", "20"] });
      matches("words", stderr, /unable to stat preserved-fd/);
      await t.leavesNothing();
    }),

    check("preserve-gap", "what lies below the last preserved descriptor may be closed", async (t) => {
      const through = ["sh", "-c", 'exec 9</dev/null; exec "$0" "$@"'];
      const container = t.container(["ls", "/proc/self/fd"]);
      const answer = await container.run({ flags: ["--preserve-fds", "7"], through });
      equal("descriptors", answer.stdout.trim().split("\n").includes("9"), true);
    }),
  ],
};
