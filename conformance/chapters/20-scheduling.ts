import { type Chapter, check } from "../chapter.js";
import { mapRoot } from "../config.js";
import { equal, matches, present } from "../expect.js";
import { readText } from "../host.js";
import type { Edit, Trial } from "../trial.js";

/** What chrt(1) of the machine says of a container's first process: policy and priority. */
async function policyOf(t: Trial, edit: Edit): Promise<string> {
  const pid = await (await t.running(edit)).pid();
  return t.outside("chrt", "-p", String(pid)).replaceAll(/pid \d+'s current /g, "");
}

/** Field 19 of /proc/PID/stat. */
async function niceOf(t: Trial, edit: Edit): Promise<number> {
  const pid = await (await t.running(edit)).pid();
  const stat = present("stat", readText(`/proc/${String(pid)}/stat`));
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[16]);
}

export const scheduling: Chapter = {
  name: "scheduling",
  title: "Scheduling",
  about:
    "how the program shares processors and disks with the others of the machine, and which machine it believes to be on",
  checks: [
    check("idle", "the program runs when nobody else wants to", async (t) => {
      matches("policy", await policyOf(t, (c) => (c.process.scheduler = { policy: "SCHED_IDLE" })), /SCHED_IDLE/);
    }),

    check("batch", "a policy with a nice value", async (t) => {
      const edit: Edit = (c) => (c.process.scheduler = { policy: "SCHED_BATCH", nice: 7 });
      matches("policy", await policyOf(t, edit), /SCHED_BATCH/);
      equal("nice value", await niceOf(t, edit), 7);
    }),

    check(
      "before-others",
      "the runtime may put the program before others, also when its root is nobody outside",
      async (t) => {
        const nice = await niceOf(t, (c) => {
          mapRoot(c, 100_000);
          c.process.scheduler = { policy: "SCHED_OTHER", nice: -5 };
        });
        equal("nice value", nice, -5);
      },
    ),

    check("deadline", "a deadline with runtime and period, in nanoseconds", async (t) => {
      const scheduler = { policy: "SCHED_DEADLINE", runtime: 1_000_000, deadline: 20_000_000, period: 30_000_000 };
      const said = await policyOf(t, (c) => {
        c.process.scheduler = { ...scheduler, flags: ["SCHED_FLAG_RESET_ON_FORK"] };
      });
      matches("policy", said, /SCHED_DEADLINE\|SCHED_RESET_ON_FORK/);
      matches("times", said, /1000000\/20000000\/30000000/);
    }),

    check("nice-elsewhere", "a nice value for a policy that has none is refused", async (t) => {
      await t.refuses((c) => (c.process.scheduler = { policy: "SCHED_FIFO", nice: 1, priority: 1 }));
    }),

    check("nice-beyond", "a nice value that does not exist is refused", async (t) => {
      await t.refuses((c) => (c.process.scheduler = { policy: "SCHED_OTHER", nice: 20 }));
    }),

    check("io", "disks serve the program in its class and level", async (t) => {
      const container = await t.running((c) => (c.process.ioPriority = { class: "IOPRIO_CLASS_BE", priority: 6 }));
      equal("class", t.outside("ionice", "-p", String(await container.pid())), "best-effort: prio 6");
    }),

    check("io-idle", "disks serve the program when nobody else wants them", async (t) => {
      const container = await t.running((c) => (c.process.ioPriority = { class: "IOPRIO_CLASS_IDLE", priority: 0 }));
      equal("class", t.outside("ionice", "-p", String(await container.pid())), "idle");
    }),

    check("io-beyond", "a level that does not exist is refused", async (t) => {
      await t.refuses((c) => (c.process.ioPriority = { class: "IOPRIO_CLASS_BE", priority: 8 }));
    }),

    check("personality", "a 64-bit machine can look like one of 32 bits", async (t) => {
      const machine = await t.shell("uname -m", (c) => (c.linux.personality = { domain: "LINUX32" }));
      matches("machine", machine, /^i\d86$|^armv8l$/);
    }),

    check("personality-own", "the caller's personality is not handed on where another is asked for", async (t) => {
      const container = t.container(["uname", "-m"], (c) => (c.linux.personality = { domain: "LINUX" }));
      const { stdout } = await container.must("run", { through: ["setarch", "linux32"] });
      equal("machine", stdout.trim(), t.outside("uname", "-m"));
    }),
  ],
};
