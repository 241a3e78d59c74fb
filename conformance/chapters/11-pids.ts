import { spawnSync } from "node:child_process";
import { type Chapter, check } from "../chapter.js";
import { between, equal, matches } from "../expect.js";

export const pids: Chapter = {
  name: "pids",
  title: "Number of processes",
  about: "a limit on processes makes a fork bomb harmless",
  needs: "pids",
  checks: [
    check("limit-file", "the limit reaches the kernel", async (t) => {
      const container = await t.running((c) => (c.linux.resources.pids = { limit: 33 }));
      equal("pids.max", container.cgroupFile("pids", "pids.max", "pids.max"), "33");
    }),

    check("fork-bomb", "a fork bomb stops at the limit, and the machine can still start programs", async (t) => {
      const container = await t.running(
        (c) => (c.linux.resources.pids = { limit: 20 }),
        ["sh", "-c", "probe forks 500; sleep 1000"],
      );
      const said = await container.says("errno");
      const [, children = "", reason = ""] = /children (\d+) errno (\d+)/.exec(said) ?? [];
      equal("errno (EAGAIN)", reason, "11");
      // the shell and the probe itself count too
      between("children", Number(children), 15, 18);
      equal("a program outside", spawnSync("true").status, 0);
    }),

    check("unlimited", "a limit of -1 is none", async (t) => {
      const container = await t.running((c) => (c.linux.resources.pids = { limit: -1 }));
      equal("pids.max", container.cgroupFile("pids", "pids.max", "pids.max"), "max");
    }),

    check("enough", "below the limit nothing is refused", async (t) => {
      const said = await t.inside(["probe", "forks", "10"], (c) => (c.linux.resources.pids = { limit: 20 }));
      matches("the program", said, /^children 10 errno 0$/);
    }),
  ],
};
