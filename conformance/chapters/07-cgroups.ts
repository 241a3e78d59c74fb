import { join } from "node:path";
import { type Chapter, check } from "../chapter.js";
import { setNamespace } from "../config.js";
import { differs, equal, holds, matches, present } from "../expect.js";
import { cgroupDirectory, exists, hierarchies, namespaceOf, placeOf, readText } from "../host.js";
import { removeCgroup } from "../trial.js";

/** Paths of /proc/PID/cgroup for each hierarchy that has controllers, without the machine's own part in front. */
function paths(text: string): string[] {
  return text.split("\n").flatMap((line) => line.split(":").slice(2).join(":") || []);
}

const limiting = ["cpu", "memory", "pids", "devices"];

export const cgroups: Chapter = {
  name: "cgroups",
  title: "Cgroups",
  about:
    "a cgroup is the group of processes that a limit is for; with a namespace of its own the container sees it as /",
  checks: [
    check("own-root", "with a cgroup namespace, the container's cgroup looks like the root", async (t) => {
      const said = await t.shell("cat /proc/self/cgroup", (c) => {
        setNamespace(c, "cgroup");
      });
      equal("paths inside", [...new Set(paths(said))], ["/"]);
    }),

    check("own-namespace", "that namespace is another one than the machine's", async (t) => {
      const container = await t.running((c) => {
        setNamespace(c, "cgroup");
      });
      differs("namespace", namespaceOf(await container.pid(), "cgroup"), namespaceOf("self", "cgroup"));
    }),

    check("no-namespace", "without one, the container sees where it is", async (t) => {
      const container = t.container(["cat", "/proc/self/cgroup"]);
      const answer = await container.run();
      holds("the path is shown", paths(answer.stdout).includes(container.cgroup), answer.stdout);
    }),

    check("placed", "the process is in the asked cgroup, for every kind of limit", async (t) => {
      const container = await t.running();
      const lines = (readText(`/proc/${String(await container.pid())}/cgroup`) ?? "").trim().split("\n");
      for (const line of lines) {
        const [, controllers = "", path = ""] = line.split(":");
        const words = controllers.split(",");
        const mounted = hierarchies().some(
          (each) => each.version === 1 && each.controllers.some((word) => words.includes(word)),
        );
        if ((mounted && words.some((word) => limiting.includes(word))) || lines.length === 1)
          equal(`cgroup for ${controllers || "version 2"}`, path, container.cgroup);
      }
    }),

    check("only-its-processes", "nobody but the container is in it", async (t) => {
      const container = await t.running();
      equal(
        "processes of the cgroup",
        container.cgroupFile("pids", "cgroup.procs", "cgroup.procs"),
        String(await container.pid()),
      );
    }),

    check("mounted", "the mounted cgroups show the container's own, read-only", async (t) => {
      const script =
        "cd /sys/fs/cgroup; [ -d pids ] && cd pids; grep -x 1 cgroup.procs; mkdir inner 2>&1; (echo 1 >cgroup.procs) 2>&1";
      const container = t.container(["sh", "-c", script], (c) => {
        setNamespace(c, "cgroup");
      });
      const { stdout } = await container.run();
      matches("process 1 and two refusals", stdout, /^1\nmkdir: .*Read-only file system\n.*Read-only file system/);
    }),

    check("removed", "when the container is deleted its cgroups go too", async (t) => {
      const container = await t.running();
      const place = present("a hierarchy with pids", cgroupDirectory("pids", container.config.linux.cgroupsPath));
      holds("the cgroup is there", exists(join(place.directory, "cgroup.procs")));
      await container.must("delete", { flags: ["--force"] });
      await t.leavesNothing();
    }),

    check("removed-after-run", "run removes them by itself", async (t) => {
      await t.shell("true");
      await t.leavesNothing();
    }),

    check("nested", "a deeper path is made with all its parents", async (t) => {
      const container = t.container(["sleep", "1000"], (c) => {
        const top = c.linux.cgroupsPath;
        // runtimes remove the last part of the path only: its parents may belong to others
        t.afterwards(() => {
          for (const { mount } of hierarchies()) removeCgroup(join(mount, placeOf(top)));
        });
        c.linux.cgroupsPath = top.startsWith("/") ? `${top}/deeper/still` : top.replace(".slice:", "-deeper.slice:");
      });
      await container.launch();
      const seen = readText(`/proc/${String(await container.pid())}/cgroup`) ?? "";
      matches("cgroup", seen, new RegExp(`:${container.cgroup}\n`));
    }),
  ],
};
