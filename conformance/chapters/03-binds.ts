// Where bind mounts come from and where they go, beyond the usual.
import { mkdirSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Check, check } from "../chapter.js";
import { type Config, mapRoot, type Mount } from "../config.js";
import { equal, matches } from "../expect.js";
import { exists } from "../host.js";
import type { Trial } from "../trial.js";

const writable =
  (...mounts: Mount[]) =>
  (config: Config) => {
    config.root.readonly = false;
    config.mounts.push(...mounts);
  };

const bound = (source: string, destination: string, ...options: string[]): Mount => ({
  destination,
  type: "bind",
  source,
  options: ["bind", ...options],
});

/** A folder with a file in it. */
function note(t: Trial, name = "noted"): string {
  const folder = t.folder(name);
  writeFileSync(join(folder, "note"), `in ${name}\n`);
  return folder;
}

export const bindChecks: readonly Check[] = [
  check("bind-tree-readonly", "rro makes everything below read-only, ro only the mount itself", async (t) => {
    const folder = t.folder("tree/below");
    t.mount("-t", "tmpfs", "tmpfs", folder);
    const see = (option: string) =>
      writable({ destination: "/data", type: "bind", source: join(t.directory, "tree"), options: ["rbind", option] });
    const script = "touch /data/below/x 2>/dev/null && echo written || echo refused";
    equal("with ro", await t.shell(script, see("ro")), "written");
    equal("with rro", await t.shell(script, see("rro")), "refused");
  }),

  check("bind-data", "options for a file system are refused for a bind mount", async (t) => {
    await t.refuses(writable(bound(note(t), "/data", "size=10")), /size=10/);
  }),

  check("bind-flags-kept", "flags that the source has stay unless they are taken away", async (t) => {
    const folder = t.folder("source");
    t.mount("-t", "tmpfs", "-o", "noexec,nodev", "tmpfs", folder);
    const flags = async (...options: string[]) =>
      t.shell("grep ' /data ' /proc/self/mountinfo | cut -d' ' -f6", writable(bound(folder, "/data", ...options)));
    matches("without a word", await flags(), /nodev,noexec/);
    equal("with exec", (await flags("exec")).includes("noexec"), false);
  }),

  check("bind-unreachable", "root outside may bind what root of a user namespace may not reach", async (t) => {
    const folder = note(t, "closed/deep");
    t.folder("closed", 0o700);
    const said = await t.shell("cat /tmp/note", (c) => {
      mapRoot(c, 100_000);
      c.mounts.push(bound(folder, "/tmp"));
    });
    equal("content", said, "in closed/deep");
  }),

  check("bind-from-mount", "a source can be what an earlier mount has brought", async (t) => {
    const container = t.container(["cat", "/second/note"], (c) => {
      writable(bound(note(t), "/first"))(c);
      c.mounts.push(bound("rootfs/first", "/second"));
    });
    const answer = await container.run();
    equal("content", answer.stdout + answer.stderr, "in noted\n");
  }),

  check(
    "destination-dangling",
    "a link in the root that leads to nothing is followed, and what it names is made",
    async (t) => {
      const container = t.container(["cat", "/made/deep/note"], writable(bound(note(t), "/link/deep")));
      symlinkSync("/made", join(container.rootfs, "link"));
      const answer = await container.run();
      equal("content", answer.stdout + answer.stderr, "in noted\n");
      equal("made inside", exists(join(container.rootfs, "made/deep")), true);
    },
  ),

  check("destination-dangling-file", "also where a file is bound", async (t) => {
    const container = t.container(["cat", "/made"], writable(bound(t.file("one", "a file\n"), "/tmp/link")));
    symlinkSync("../made", join(container.rootfs, "tmp/link"));
    const answer = await container.run();
    equal("content", answer.stdout + answer.stderr, "a file\n");
  }),

  check("destination-loop", "a link that leads to itself is refused", async (t) => {
    await t.control();
    const container = t.container(["true"], writable(bound(note(t), "/loop/deep")));
    symlinkSync("loop", join(container.rootfs, "loop"));
    await container.refused("create");
  }),

  check("destination-relative", "a relative destination starts at the root", async (t) => {
    equal("content", await t.shell("cat /data/note", writable(bound(note(t), "data"))), "in noted");
  }),

  check("copy-symlink", "with copy-symlink a link is made again instead of followed", async (t) => {
    const link = join(note(t), "link");
    symlinkSync("some/where", link);
    const container = t.container(["readlink", "/copied"], writable(bound(link, "/copied", "copy-symlink")));
    equal("link", (await container.run()).stdout, "some/where\n");
    equal("in the root", readlinkSync(join(container.rootfs, "copied")), "some/where");
  }),

  check("nofollow", "with src-nofollow and dest-nofollow one link lies on another", async (t) => {
    const link = join(note(t), "link");
    symlinkSync("from-outside", link);
    const container = t.container(
      ["readlink", "/link"],
      writable(bound(link, "/link", "src-nofollow", "dest-nofollow")),
    );
    symlinkSync("of-the-image", join(container.rootfs, "link"));
    const answer = await container.run();
    equal("link", answer.stdout + answer.stderr, "from-outside\n");
  }),

  check("remount", "remount changes what an earlier mount has made", async (t) => {
    const script = "touch /fresh/x 2>/dev/null || echo read-only; grep ' /fresh ' /proc/self/mountinfo";
    const said = await t.shell(
      script,
      writable(
        { destination: "/fresh", type: "tmpfs", source: "tmpfs", options: ["size=64k"] },
        { destination: "/fresh", type: "tmpfs", source: "tmpfs", options: ["remount", "ro", "noexec", "size=128k"] },
      ),
    );
    matches("writing, options", said, /^read-only\n.* ro,.*noexec.*size=128k/);
  }),

  check("sys-of-host", "in a user namespace without a network of its own, /sys is the machine's", async (t) => {
    const said = await t
      .shell("ls /sys/class/net; touch /sys/x 2>&1", (c) => {
        mapRoot(c, 100_000);
        c.linux.namespaces = c.linux.namespaces.filter(({ type }) => type !== "network");
      })
      .catch((cause: unknown) => String(cause));
    matches("interfaces", said, /\blo\b/);
    matches("writing", said, /Read-only|Permission/);
  }),

  check("source-made", "a mount that cannot be made leaves nothing mounted", async (t) => {
    await t.control();
    const folder = note(t);
    mkdirSync(join(folder, "deep"));
    const container = t.container(["true"], writable(bound(folder, "/data"), bound(join(folder, "nothing"), "/x")));
    matches("words", (await container.refused("create")).stderr, /nothing|no such file/i);
    await t.leavesNothing();
  }),
];
