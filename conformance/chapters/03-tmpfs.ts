// The checks of the mounts chapter about tmpfs: size, mode, and what it covers.
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type Check, check } from "../chapter.js";
import type { Config } from "../config.js";
import { equal, holds, lacks, matches } from "../expect.js";
import { readText } from "../host.js";
import type { Trial } from "../trial.js";

const tmpfs =
  (destination: string, ...options: string[]) =>
  (config: Config) => {
    config.mounts.push({ destination, type: "tmpfs", source: "tmpfs", options });
  };

/** A container of a line of shell with a tmpfs at /stock, where its image has files of every kind. */
function stocked(t: Trial, script: string, ...options: string[]) {
  const container = t.container(["sh", "-c", script], tmpfs("/stock", ...options));
  const stock = join(container.rootfs, "stock");
  mkdirSync(join(stock, "deep/er"), { recursive: true });
  writeFileSync(join(stock, "deep/er/word"), "from the image\n");
  writeFileSync(join(stock, "program"), "");
  chownSync(join(stock, "program"), 12, 34);
  chmodSync(join(stock, "program"), 0o4750);
  symlinkSync("deep/er/word", join(stock, "link"));
  chmodSync(join(stock, "deep"), 0o1700);
  for (const name of ["program", "deep"]) utimesSync(join(stock, name), 1, 1_000_000_000);
  return { container, stock };
}

async function output(container: ReturnType<Trial["container"]>): Promise<string> {
  const { status, stdout, stderr } = await container.run();
  equal("status, and what was said of it", [status, stderr], [0, ""]);
  return stdout.trim();
}

export const tmpfsChecks: readonly Check[] = [
  check("tmpfs-size", "a tmpfs holds no more than its size", async (t) => {
    const said = await t.shell(
      "dd if=/dev/zero of=/tmp/big bs=1k count=128 2>&1; stat -c %s /tmp/big",
      tmpfs("/tmp", "size=64k"),
    );
    matches("writing 128 KiB", said, /No space left on device[^]*\n65536$/);
  }),

  check("tmpfs-mode", "a tmpfs has the mode, owner and group that were asked", async (t) => {
    const said = await t.inside(["stat", "-c", "%a %u %g", "/fresh"], (c) => {
      c.root.readonly = false;
      tmpfs("/fresh", "mode=0751", "uid=12", "gid=34", "nosuid", "nodev")(c);
    });
    equal("mode, owner, group", said, "751 12 34");
  }),

  check("tmpfs-mode-over", "also where a folder with another mode was before", async (t) => {
    equal("mode", await t.inside(["stat", "-c", "%a", "/tmp"], tmpfs("/tmp", "mode=0751")), "751");
  }),

  check("tmpfs-mode-kept", "without a mode it has that of the folder below it, or is open to all", async (t) => {
    const container = t.container(["stat", "-c", "%a", "/plain", "/made"], (c) => {
      c.root.readonly = false;
      tmpfs("/plain")(c);
      tmpfs("/made")(c);
    });
    mkdirSync(join(container.rootfs, "plain"));
    chmodSync(join(container.rootfs, "plain"), 0o2750);
    equal("modes", await output(container), "2750\n1777");
  }),

  check("tmpfs-readonly", "a tmpfs can be read-only", async (t) => {
    const said = await t.shell("touch /tmp/x 2>&1 || true", tmpfs("/tmp", "ro"));
    matches("writing", said, /Read-only file system/);
  }),

  check("tmpfs-hides", "a tmpfs hides what the image has below it", async (t) => {
    equal("names", await output(stocked(t, "ls /stock").container), "");
  }),

  check("copy-up", "with tmpcopyup it begins with a copy of that: folders, files and links", async (t) => {
    const script = "cd /stock; ls; cat deep/er/word link; readlink link; stat -c '%n %F %a %u %g' program deep";
    const { container } = stocked(t, script, "tmpcopyup");
    equal("the copy", (await output(container)).split("\n"), [
      ...["deep", "link", "program"],
      ...["from the image", "from the image", "deep/er/word"],
      "program regular empty file 4750 12 34",
      "deep directory 1700 0 0",
    ]);
  }),

  check("copy-up-pipe", "a pipe is made anew, without waiting for whoever might write into it", async (t) => {
    const { container, stock } = stocked(t, "stat -c '%F %a %u %g' /stock/pipe", "tmpcopyup");
    t.outside("mkfifo", "-m", "0620", join(stock, "pipe"));
    equal("the pipe", await output(container), "fifo 620 0 0");
  }),

  check("copy-up-times", "the copies are as old as what they were copied from", async (t) => {
    const { container } = stocked(t, "cd /stock; stat -c %Y program deep", "tmpcopyup");
    equal("times of change", await output(container), "1000000000\n1000000000");
  }),

  check("copy-up-own", "changing the copy does not change the image, even where both can be written", async (t) => {
    const script = "cd /stock && echo changed >deep/er/word && touch new && cat deep/er/word";
    const { container, stock } = stocked(t, script, "tmpcopyup");
    equal("the copy", await output(container), "changed");
    equal("the image's file", readText(join(stock, "deep/er/word")), "from the image\n");
    equal("the image's names", readdirSync(stock).sort(), ["deep", "link", "program"]);
    equal("the image's modes", statSync(join(stock, "program")).mode & 0o7777, 0o4750);
  }),

  check("copy-up-readonly", "a copy can be read-only", async (t) => {
    const { container } = stocked(t, "cd /stock; cat link; touch new 2>&1 || true", "tmpcopyup", "ro");
    matches("reading and writing", await output(container), /^from the image\n.*Read-only file system$/);
  }),

  check("copy-up-size", "what does not fit is an error, not half a copy", async (t) => {
    await t.control();
    const { container, stock } = stocked(t, "true", "tmpcopyup", "size=64k");
    writeFileSync(join(stock, "big"), Buffer.alloc(128 * 1024, "x"));
    const answer = await container.run();
    holds("it must fail", answer.status !== 0);
    matches("words", answer.stderr, /no space left on device/i);
    await t.leavesNothing();
  }),

  check("copy-up-link", "a link of the image that points out of it brings nothing in", async (t) => {
    const treasure = t.folder("treasure");
    writeFileSync(join(treasure, "coin"), "the machine's own\n");
    const script =
      "cat /stock/out/coin /stock/coin 2>&1; readlink /stock/out; readlink /stock/coin; ls /stock/out/ 2>&1; true";
    const { container, stock } = stocked(t, script, "tmpcopyup");
    symlinkSync(treasure, join(stock, "out"));
    symlinkSync(join(treasure, "coin"), join(stock, "coin"));
    const said = await output(container);
    lacks("reading", said, "the machine's own");
    matches("links", said, /\/treasure\n.*\/treasure\/coin\n/);
  }),
];
