import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Chapter, check } from "../chapter.js";
import type { Container } from "../container.js";
import { equal, holds, lacks, matches, present } from "../expect.js";
import { cgroupDirectory, eventually, readText } from "../host.js";

/** Pids as `ps --format json` answers them, which may be spread over several lines. */
async function pids(container: Container): Promise<number[]> {
  const answer = await container.must("ps", { flags: ["--format", "json"] });
  return (JSON.parse(answer.stdout) as number[]).sort((a, b) => a - b);
}

function members(container: Container): number[] {
  const place = present("a hierarchy with pids", cgroupDirectory("pids", container.config.linux.cgroupsPath));
  return (readText(join(place.directory, "cgroup.procs")) ?? "").trim().split("\n").map(Number);
}

const three = ["sh", "-c", "sleep 1001 & sleep 1002 & sleep 1003"];

export const ps: Chapter = {
  name: "ps",
  title: "Processes of a container",
  about: "who is in the container, by the numbers that the machine gives to them",
  checks: [
    check("json", "as JSON: the number of each process", async (t) => {
      const container = await t.running(undefined, three);
      holds("all run", await eventually(() => members(container).length >= 3));
      const expected = members(container).sort((a, b) => a - b);
      equal("numbers", await pids(container), expected);
      holds("the first process is among them", expected.includes(await container.pid()));
    }),

    check("table", "as a table: a line for each, under a heading", async (t) => {
      const container = await t.running(undefined, three);
      holds("all run", await eventually(() => members(container).length >= 3));
      const lines = (await container.must("ps")).stdout.trim().split("\n");
      matches("heading", lines[0] ?? "", /\bPID\b/);
      equal("lines", lines.length - 1, members(container).length);
    }),

    check("arguments", "the table shows what the options of ps(1) ask for", async (t) => {
      const container = await t.running();
      const { stdout } = await container.must("ps", {}, ["-o", "pid,args", "-e"]);
      matches("table", stdout, new RegExp(`^ *PID +COMMAND *\n *${String(await container.pid())} +sleep 1000\n$`));
    }),

    check("bad-arguments", "options that ps does not know are refused", async (t) => {
      const container = await t.running();
      await container.must("ps");
      await container.refused("ps", {}, ["--no-such-option"]);
      // without the column there is nothing to know its processes by
      await container.refused("ps", {}, ["-o", "args"]);
    }),

    check("own-ps", "no program of the container is run for it", async (t) => {
      const container = await t.running((c) => (c.root.readonly = false));
      t.outside("sh", "-c", `rm -f '${container.rootfs}/bin/ps'; ln -s busybox '${container.rootfs}/bin/ps'`);
      const { stdout } = await container.must("ps");
      lacks("table", stdout, "PID   USER");
    }),

    check("below", "processes of a cgroup that the container made count too", async (t) => {
      const container = await t.running(undefined, ["sh", "-c", "sleep 1000 & sleep 1000"]);
      holds("both run", await eventually(() => members(container).length === 2));
      const before = members(container).sort((a, b) => a - b);
      const pid = await container.pid();
      const other = before.find((one) => one !== pid);
      for (const controller of ["pids", "freezer", "devices", "memory", "cpu"]) {
        const place = cgroupDirectory(controller, container.config.linux.cgroupsPath);
        if (place === undefined) continue;
        const inner = join(place.directory, "inner");
        mkdirSync(inner, { recursive: true });
        writeFileSync(join(inner, "cgroup.procs"), String(other));
      }
      equal("numbers", await pids(container), before);
    }),

    check("paused", "a paused container has its processes still", async (t) => {
      const container = await t.running();
      await container.must("pause");
      equal("numbers", await pids(container), [await container.pid()]);
    }),

    check("unknown", "an unknown container is refused", async (t) => {
      matches("words", (await t.container(["true"]).refused("ps")).stderr, /does not exist|No such file/i);
    }),
  ],
};
