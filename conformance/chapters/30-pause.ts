import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Chapter, check } from "../chapter.js";
import { withoutNamespace } from "../config.js";
import type { Container } from "../container.js";
import { equal, holds, matches, present } from "../expect.js";
import { cgroupDirectory, eventually, exists, isAlive, pause as sleep, readText } from "../host.js";
import { removeCgroup } from "../trial.js";

const counting = ["sh", "-c", "n=0; while :; do n=$((n+1)); echo $n; usleep 10000; done"];

/** Waits until the program has written more than it had before. */
async function goesOn(container: Container): Promise<boolean> {
  const before = container.output().length;
  return eventually(() => container.output().length > before);
}

/** The container's cgroup by which it is paused, and a file of it that tells so. */
function freezer(container: Container): { directory: string; version: 1 | 2 } {
  return present("a hierarchy with freezer", cgroupDirectory("freezer", container.config.linux.cgroupsPath));
}

export const pausing: Chapter = {
  name: "pause",
  title: "Pause and resume",
  about: "a paused container stands still in the middle of what it does, and goes on as if nothing had been",
  checks: [
    check("stands-still", "a paused container does nothing, a resumed one goes on", async (t) => {
      const container = await t.running(undefined, counting);
      await container.says("5");
      await container.must("pause");
      await container.status("paused");
      const before = container.output();
      await sleep(200);
      equal("output meanwhile", container.output(), before);
      await container.must("resume");
      await container.status("running");
      holds("it goes on", await goesOn(container));
    }),

    check("listed", "list shows it as paused", async (t) => {
      const container = await t.running();
      await container.must("pause");
      const [one] = JSON.parse((await container.listed(["--format", "json"])).stdout) as { status: string }[];
      equal("status", one?.status, "paused");
    }),

    check("silent", "pause and resume say nothing", async (t) => {
      const container = await t.running();
      const answers = [await container.must("pause"), await container.must("resume")];
      equal("output", answers.map(({ stdout, stderr }) => stdout + stderr).join(""), "");
    }),

    check("not-paused", "a container that is not paused cannot be resumed", async (t) => {
      const container = await t.running();
      matches("words", (await container.refused("resume")).stderr, /not paused/);
      await container.status("running");
    }),

    check("stopped", "a stopped container can be neither paused nor resumed", async (t) => {
      const container = await t.running();
      const pid = await container.pid();
      await container.kill();
      await container.ended(pid);
      await container.refused("pause");
      await container.refused("resume");
    }),

    check("unknown", "nor can one that does not exist", async (t) => {
      const container = t.container(["true"]);
      for (const verb of ["pause", "resume"])
        matches(verb, (await container.refused(verb)).stderr, /does not exist|No such file/i);
    }),

    check("many", "a hundred processes stand still together, and are all there afterwards", async (t) => {
      const script = "for i in $(seq 100); do sleep 1000 & done; echo ready; wait";
      const container = await t.running(undefined, ["sh", "-c", script]);
      await container.says("ready");
      const count = (): number => readText(join(freezer(container).directory, "cgroup.procs"))?.split("\n").length ?? 0;
      const before = count();
      for (let round = 0; round < 3; round++) {
        await container.must("pause");
        await container.status("paused");
        await container.must("resume");
      }
      equal("processes", count(), before);
    }),

    check("kill", "a paused container can be killed", async (t) => {
      const container = await t.running();
      const pid = await container.pid();
      await container.must("pause");
      await container.kill();
      await container.ended(pid);
      await container.status("stopped");
    }),

    check("other-signals", "other signals reach it when it is resumed", async (t) => {
      const script = "trap 'echo asked' USR1; echo ready; while :; do usleep 20000; done";
      const container = await t.running(undefined, ["sh", "-c", script]);
      await container.says("ready");
      await container.must("pause");
      await container.kill("USR1");
      await sleep(100);
      equal("output while paused", container.output(), "ready\n");
      await container.must("resume");
      await container.says("asked");
    }),

    check("delete", "a paused container cannot be deleted without force", async (t) => {
      const container = await t.running();
      await container.must("pause");
      await container.refused("delete");
      await container.status("paused");
    }),

    check("delete-force", "with force it can, and nothing is left", async (t) => {
      const container = await t.running(undefined, ["sh", "-c", "sleep 1000 & sleep 1000 & sleep 1000"]);
      await container.must("pause");
      await container.must("delete", { flags: ["--force"] });
      await t.leavesNothing();
    }),

    check("delete-force-shared", "also when it shares the machine's pids", async (t) => {
      const container = await t.running(
        (c) => {
          withoutNamespace(c, "pid");
        },
        ["sh", "-c", "sleep 1000 & sleep 1000"],
      );
      await container.must("pause");
      await container.must("delete", { flags: ["--force"] });
      await t.leavesNothing();
    }),

    check("frozen-below", "a cgroup that the container made and froze does not keep it alive", async (t) => {
      const container = await t.running(undefined, ["sh", "-c", "sleep 1000 & sleep 1000"]);
      const { directory, version } = freezer(container);
      const procs = (): number[] => (readText(join(directory, "cgroup.procs")) ?? "").trim().split("\n").map(Number);
      holds("both processes run", await eventually(() => procs().length === 2));
      const pid = await container.pid();
      const [other = 0] = procs().filter((one) => one !== pid);
      const inner = join(directory, "inner");
      mkdirSync(inner);
      writeFileSync(join(inner, "cgroup.procs"), String(other));
      const [file, on, off] = version === 1 ? ["freezer.state", "FROZEN", "THAWED"] : ["cgroup.freeze", "1", "0"];
      writeFileSync(join(inner, file), on);
      t.afterwards(() => {
        // a runtime that cannot do it would leave processes that nobody can kill
        if (exists(inner)) writeFileSync(join(inner, file), off);
      });
      await container.must("delete", { flags: ["--force"] });
      equal("its processes live", [pid, other].filter(isAlive), []);
      await t.leavesNothing();
    }),

    check("fork-bomb", "delete --force ends a container that makes processes all the time", async (t) => {
      const container = await t.running(
        (c) => {
          withoutNamespace(c, "pid");
          c.linux.resources.pids = { limit: 100 };
        },
        ["sh", "-c", "bomb() { bomb & bomb & sleep 1; }; bomb 2>/dev/null; sleep 1000"],
      );
      await sleep(200);
      await container.must("delete", { flags: ["--force"] });
      await t.leavesNothing();
    }),

    check("occupied", "a cgroup that has processes already is refused", async (t) => {
      const first = await t.running();
      const second = t.container(["true"], (c) => (c.linux.cgroupsPath = first.config.linux.cgroupsPath));
      matches("words", (await second.refused("create")).stderr, /container's cgroup is not empty|File exists|in use/i);
      await first.status("running");
    }),

    check("frozen-cgroup", "a cgroup that is frozen is refused", async (t) => {
      await t.control();
      const container = t.container(["true"]);
      const { directory, version } = freezer(container);
      mkdirSync(directory, { recursive: true });
      const [file, on, off] = version === 1 ? ["freezer.state", "FROZEN", "THAWED"] : ["cgroup.freeze", "1", "0"];
      writeFileSync(join(directory, file), on);
      t.afterwards(() => {
        writeFileSync(join(directory, file), off);
        removeCgroup(directory);
      });
      matches("words", (await container.refused("create")).stderr, /frozen/);
    }),
  ],
};
