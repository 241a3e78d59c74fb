import { mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Chapter, check } from "../chapter.js";
import type { Config, Mount } from "../config.js";
import { equal, holds, lacks, matches, present } from "../expect.js";
import { exists, mountLines, readText } from "../host.js";
import type { Trial } from "../trial.js";
import { bindChecks } from "./03-binds.js";
import { idmapChecks } from "./03-idmap.js";
import { tmpfsChecks } from "./03-tmpfs.js";

/** Adds a mount to the configuration. */
const mount =
  (...mounts: Mount[]) =>
  (config: Config) => {
    config.mounts.push(...mounts);
  };

/** A folder outside with one file in it, and the bind mount that shows it at /data. */
function shared(t: Trial, ...options: string[]): { folder: string; edit: (config: Config) => void } {
  const folder = t.folder("shared");
  writeFileSync(join(folder, "note"), "from outside\n");
  return { folder, edit: mount({ destination: "/data", type: "bind", source: folder, options: ["bind", ...options] }) };
}

/** The options and optional fields of a mount point in a mountinfo text. */
function mountOptions(text: string, point: string): string {
  const line = text.split("\n").find((each) => each.split(" ")[4] === point);
  return present(`${point} in mountinfo`, line).split(" ").slice(5).join(" ");
}

export const mounts: Chapter = {
  name: "mounts",
  title: "Mounts",
  about: "a container sees a tree of files put together for it, and nobody else sees its mounts",
  checks: [
    check("unseen-outside", "mounts made for the container are not seen outside", async (t) => {
      const container = await t.running(mount({ destination: "/tmp", type: "tmpfs", source: "tmpfs" }));
      const pid = await container.pid();
      const inner = mountLines(`/proc/${String(pid)}/mountinfo`);
      holds(
        "the container has its mounts",
        inner.some((line) => line.split(" ")[4] === "/tmp"),
        inner,
      );
      equal(
        "mounts outside",
        // what a runtime keeps beside its state is not of the container
        mountLines().filter((line) => line.includes(t.token) && !line.includes(t.stateRoot)),
        [],
      );
    }),

    check("only-asked", "inside, only the asked mounts are there: nothing of the machine's own", async (t) => {
      const points = (await t.shell("cut -d' ' -f5 /proc/self/mountinfo")).split("\n");
      const asked = ["/", "/proc", "/dev", "/sys"];
      const foreign = points.filter((point) => !asked.some((each) => point === each || point.startsWith(`${each}/`)));
      equal("other mount points", foreign, []);
      equal("roots", points.filter((point) => point === "/").length, 1);
    }),

    check("root-readonly", "a read-only root cannot be written", async (t) => {
      const answer = await t.container(["touch", "/new"]).run();
      holds("touch fails", answer.status !== 0);
      matches("error", answer.stderr, /Read-only file system/);
    }),

    check("root-writable", "a writable root can, and the file appears in the bundle", async (t) => {
      const container = t.container(["touch", "/new"], (c) => (c.root.readonly = false));
      equal("status of touch", (await container.run()).status, 0);
      holds("the file is in the root filesystem", exists(join(container.rootfs, "new")));
    }),

    check("bind", "a bind mount shows a folder of the machine, to read and to write", async (t) => {
      const { folder, edit } = shared(t);
      equal("file from outside", await t.shell("cat /data/note; echo inside >/data/answer", edit), "from outside");
      equal("file from inside", readText(join(folder, "answer")), "inside\n");
    }),

    check("bind-readonly", "a read-only bind mount cannot be written", async (t) => {
      const { folder, edit } = shared(t, "ro");
      const said = await t.shell("cat /data/note; touch /data/answer 2>&1 || true", edit);
      matches("reading and writing", said, /^from outside\ntouch: .*Read-only file system$/);
      equal("written", exists(join(folder, "answer")), false);
    }),

    check("bind-flags", "nosuid, nodev and noexec hold for a bind mount", async (t) => {
      const { folder, edit } = shared(t, "nosuid", "nodev", "noexec");
      writeFileSync(join(folder, "program"), "#!/bin/sh\necho it runs\n", { mode: 0o755 });
      const said = await t
        .shell("cat /proc/self/mountinfo; /data/program 2>&1", edit)
        .catch((cause: unknown) => String(cause));
      lacks("the program", said, "it runs");
      matches("refusal", said, /Permission denied/);
      const info = await t.shell("cat /proc/self/mountinfo", edit);
      for (const flag of ["nosuid", "nodev", "noexec"])
        matches("flags in mountinfo", mountOptions(info, "/data"), new RegExp(`\\b${flag}\\b`));
    }),

    check("bind-file", "a single file can be bound too; its place is made if the root lacks it", async (t) => {
      const source = t.file("one-file", "only me\n");
      const container = t.container(["cat", "/made/for/it"], (c) => {
        c.root.readonly = false;
        c.mounts.push({ destination: "/made/for/it", type: "bind", source, options: ["bind", "ro"] });
      });
      equal("content", (await container.run()).stdout, "only me\n");
    }),

    check("bind-relative", "a relative source starts at the bundle", async (t) => {
      const edit = mount({ destination: "/tmp", type: "bind", source: "beside", options: ["bind"] });
      const container = t.container(["cat", "/tmp/note"], edit);
      mkdirSync(join(container.bundle, "beside"));
      writeFileSync(join(container.bundle, "beside/note"), "in the bundle\n");
      const answer = await container.run();
      equal("content", answer.stdout + answer.stderr, "in the bundle\n");
    }),

    check("rbind", "bind shows one filesystem, rbind also what is mounted below it", async (t) => {
      const folder = t.folder("tree/below");
      t.mount("-t", "tmpfs", "tmpfs", folder);
      writeFileSync(join(folder, "deep"), "");
      const look = async (option: string) =>
        t.shell(
          "ls /data/below",
          mount({ destination: "/data", type: "bind", source: join(t.directory, "tree"), options: [option] }),
        );
      equal("below a bind mount", await look("bind"), "");
      equal("below an rbind mount", await look("rbind"), "deep");
    }),

    check("propagation", "a slave mount sees what is mounted outside later, a private one does not", async (t) => {
      const folder = t.folder("source");
      t.mount("--bind", folder, folder);
      t.outside("mount", "--make-shared", folder);
      mkdirSync(join(folder, "later"));
      const see = (destination: string, kind: string): Mount => ({
        destination,
        type: "bind",
        source: folder,
        options: ["rbind", kind],
      });
      const script = "until [ -e /tmp/go ]; do usleep 20000; done; ls /slave/later; echo -; ls /private/later";
      const signal = t.folder("signal");
      const container = t.container(["sh", "-c", script], (c) => {
        c.root.readonly = false;
        // whoever asks for a slave must not have the whole tree cut off first
        c.linux.rootfsPropagation = "rslave";
        c.mounts.push(see("/slave", "rslave"), see("/private", "rprivate"));
        c.mounts.push({ destination: "/tmp", type: "bind", source: signal, options: ["bind"] });
      });
      await container.launch();
      const pid = await container.pid();
      t.mount("-t", "tmpfs", "tmpfs", join(folder, "later"));
      writeFileSync(join(folder, "later/fresh"), "");
      writeFileSync(join(signal, "go"), "");
      await container.ended(pid);
      equal("seen in the slave, then in the private mount", container.output(), "fresh\n-\n");
    }),

    check("root-propagation", "rootfsPropagation decides whether the root's mounts are shared", async (t) => {
      const info = await t.shell("cat /proc/self/mountinfo", (c) => (c.linux.rootfsPropagation = "shared"));
      matches("flags of /", mountOptions(info, "/"), /shared:/);
      const usual = await t.shell("cat /proc/self/mountinfo", (c) => (c.linux.rootfsPropagation = "private"));
      lacks("flags of /", mountOptions(usual, "/"), "shared:");
    }),

    ...bindChecks,
    ...idmapChecks,
    ...tmpfsChecks,

    check("order", "mounts are made in their order: a later one lies on top", async (t) => {
      const { folder, edit } = shared(t);
      const said = await t.shell("ls /data; ls /data/sub", (c) => {
        c.root.readonly = false;
        edit(c);
        c.mounts.push({ destination: "/data", type: "tmpfs", source: "tmpfs" });
        c.mounts.push({ destination: "/data/sub", type: "bind", source: folder, options: ["bind"] });
      });
      equal("listing", said, "sub\nnote");
    }),

    check(
      "link-stays-inside",
      "a link in the root that points out of it cannot move a mount to the machine",
      async (t) => {
        await t.control();
        const victim = t.folder("victim");
        const container = t.container(["ls", victim], (c) => {
          c.root.readonly = false;
          c.mounts.push({ destination: "/trap/inner", type: "tmpfs", source: "tmpfs" });
        });
        symlinkSync(victim, join(container.rootfs, "trap"));
        const answer = await container.run();
        equal("made outside", exists(join(victim, "inner")), false);
        if (answer.status === 0) equal("made inside", answer.stdout, "inner\n");
      },
    ),

    check("masked-file", "a masked file reads as empty", async (t) => {
      const container = t.container(["sh", "-c", "cat /secret | wc -c; ls /secrets | wc -l"], (c) => {
        c.linux.maskedPaths.push("/secret", "/secrets", "/not-there");
      });
      writeFileSync(join(container.rootfs, "secret"), "hidden");
      mkdirSync(join(container.rootfs, "secrets"));
      writeFileSync(join(container.rootfs, "secrets/one"), "hidden");
      const answer = await container.run();
      equal(
        "bytes in the file, names in the folder",
        answer.stdout.replaceAll(/\s+/g, " ").trim() + answer.stderr,
        "0 0",
      );
    }),

    check("masked-folder", "a masked folder cannot be written, even where the root can", async (t) => {
      const container = t.container(["sh", "-c", "touch /secrets/new 2>&1 || true"], (c) => {
        c.root.readonly = false;
        c.linux.maskedPaths.push("/secrets");
      });
      mkdirSync(join(container.rootfs, "secrets"));
      matches("writing", (await container.run()).stdout, /Read-only file system|No space left/);
    }),

    check("masked-proc", "what the default list masks in /proc tells nothing", async (t) => {
      equal("bytes of /proc/keys and /proc/timer_list", await t.shell("cat /proc/keys /proc/timer_list | wc -c"), "0");
    }),

    check("readonly-paths", "a read-only path in a writable root cannot be written", async (t) => {
      const container = t.container(["sh", "-c", "touch /plain && touch /fixed/x 2>&1 || true"], (c) => {
        c.root.readonly = false;
        c.linux.readonlyPaths.push("/fixed", "/not-there");
      });
      mkdirSync(join(container.rootfs, "fixed"));
      matches("writing", (await container.run()).stdout, /Read-only file system/);
      holds("the rest stays writable", exists(join(container.rootfs, "plain")));
    }),

    check("readonly-sysctl", "the kernel's settings in /proc/sys cannot be changed", async (t) => {
      const said = await t.shell("(echo 1 >/proc/sys/vm/drop_caches) 2>&1 || true");
      matches("writing", said, /Read-only file system/);
    }),

    check("sys-readonly", "/sys is read-only when asked", async (t) => {
      const info = await t.shell("cat /proc/self/mountinfo");
      matches("flags of /sys", mountOptions(info, "/sys"), /^ro,/);
    }),

    check("source-unchanged", "making the container changes neither owner nor mode of a bound folder", async (t) => {
      const { folder, edit } = shared(t);
      const before = statSync(folder);
      await t.shell("true", edit);
      const after = statSync(folder);
      equal("mode and owner", [after.mode, after.uid, after.gid], [before.mode, before.uid, before.gid]);
    }),
  ],
};
