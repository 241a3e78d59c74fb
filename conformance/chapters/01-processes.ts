import { type Chapter, check } from "../chapter.js";
import { differs, equal, holds, matches, present } from "../expect.js";
import { isAlive, processesOf, readText, statusLine } from "../host.js";

export const processes: Chapter = {
  name: "processes",
  title: "Processes",
  about: "a container counts its processes from 1 and sees no others; outside they are ordinary processes",
  checks: [
    check("pid-1", "the program is process 1 inside", async (t) => {
      equal("the shell's own number", await t.shell("echo $$"), "1");
    }),

    check("pid-outside", "outside, the same process has another number", async (t) => {
      const container = await t.running();
      const pid = await container.pid();
      differs("number outside", pid, 1);
      const status = present("status", readText(`/proc/${String(pid)}/status`));
      matches("numbers from the outer to the inner namespace", present("NSpid", statusLine(status, "NSpid")), / 1$/);
    }),

    check("no-others", "inside, /proc lists the container's processes only", async (t) => {
      equal("numbers in /proc", await t.shell("cd /proc; echo [0-9]*"), "1");
    }),

    check("exit-status", "the caller of run gets the program's exit status", async (t) => {
      for (const status of [0, 1, 42, 255]) {
        const answer = await t.container(["sh", "-c", `exit ${String(status)}`]).run();
        equal("exit status", answer.status, status);
      }
    }),

    check("signal-status", "a program killed by signal 9 gives run the status 128 + 9", async (t) => {
      const container = t.container(["sh", "-c", "echo ready; sleep 1000"]);
      const answer = container.run({ flags: ["--pid-file", `${container.bundle}/pid`] });
      const pid = await t.pidIn(`${container.bundle}/pid`);
      process.kill(pid, "SIGKILL");
      equal("exit status", (await answer).status, 137);
    }),

    check(
      "supervisor",
      "after create and start, the supervisor that adopts the process sees how it ended",
      async (t) => {
        const container = t.container(["sh", "-c", "exit 7"]);
        const pidFile = `${container.bundle}/pid`;
        const create = container.command("create", ["--pid-file", pidFile]);
        const said = await t.around("supervise", pidFile, ...create, "--", ...container.command("start"));
        equal("what the supervisor saw", said, "exit 7");
      },
    ),

    check("orphans", "process 1 adopts the children of processes that have ended", async (t) => {
      const script = "orphan=$(sh -c 'sleep 5 >/dev/null & echo $!'); grep PPid /proc/$orphan/status";
      matches("parent of the orphan", await t.shell(script), /^PPid:\s+1$/);
    }),

    check("all-end", "when process 1 is killed, all others in the container end too", async (t) => {
      const container = await t.running(undefined, ["sh", "-c", "sleep 1000 & sleep 1000 & echo ready; wait"]);
      const pid = await container.pid();
      await container.says("ready");
      holds("more than one process runs", processesOf(container.id).length >= 3, processesOf(container.id));
      await container.kill("KILL");
      await container.ended(pid);
      equal("processes left", processesOf(container.id).filter(isAlive), []);
    }),

    check(
      "no-own-pids",
      "without a pid namespace of its own, the container sees the machine's processes",
      async (t) => {
        const inside = await t.shell("readlink /proc/self/ns/pid", (config) => {
          config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== "pid");
        });
        equal("pid namespace", inside, t.outside("readlink", "/proc/self/ns/pid"));
      },
    ),

    check("input", "the caller's standard input reaches the program, and its output the caller", async (t) => {
      equal(
        "what cat repeats",
        await t.inside(["cat"], undefined, { input: "through the container\n" }),
        "through the container",
      );
    }),

    check("error-output", "standard error stays apart from standard output", async (t) => {
      const answer = await t.container(["sh", "-c", "echo out; echo err >&2"]).run();
      equal("standard output", answer.stdout, "out\n");
      equal("standard error", answer.stderr, "err\n");
    }),
  ],
};
