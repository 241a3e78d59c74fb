import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Chapter, check } from "../chapter.js";
import { type Config, grant, withoutNamespace } from "../config.js";
import type { CallOptions } from "../container.js";
import { differs, equal, holds, lacks } from "../expect.js";
import type { Trial } from "../trial.js";

/** A file of the machine that lies outside of every bundle. */
function treasure(t: Trial): string {
  return t.file("treasure", "the machine's own\n");
}

/** Both ways into a root: `pivot_root`, and for roots that cannot be pivoted the older way. */
const ways: { name: string; words: string; options: CallOptions }[] = [
  { name: "", words: "", options: {} },
  { name: "-no-pivot", words: " (with --no-pivot)", options: { flags: ["--no-pivot"] } },
];

const checksOfBothWays = ways.flatMap(({ name, words, options }) => [
  check(`dots${name}`, `going up from / ends at /${words}`, async (t) => {
    const file = treasure(t);
    const said = await t.shell(`cat /../../../../../..${file} 2>&1 || true`, undefined, options);
    lacks("reading", said, "the machine's own");
  }),

  check(`proc-root${name}`, `/proc/1/root, /proc/1/cwd and /proc/self/fd lead nowhere else${words}`, async (t) => {
    const file = treasure(t);
    const places = [
      "/proc/1/root",
      "/proc/1/cwd",
      "/proc/self/root/proc/1/root/..",
      "/proc/1/fd/[3-9]",
      "/proc/self/fd/[3-9]",
    ];
    const script = places.map((place) => `cat ${place}${file} 2>/dev/null`).join("; ");
    equal("found", await t.shell(`${script}; true`, undefined, options), "");
  }),

  check(
    `chroot-escape${name}`,
    `the classical way out of a chroot fails, even with CAP_SYS_CHROOT${words}`,
    async (t) => {
      const file = treasure(t);
      const edit = (c: Config) => {
        c.root.readonly = false;
        grant(c, "CAP_SYS_CHROOT");
      };
      equal("the probe", await t.inside(["probe", "escape", "/tmp/deeper", file], edit, options), "not reached");
    },
  ),

  check(`one-root${name}`, `the old root is not mounted anywhere inside${words}`, async (t) => {
    const container = t.container(["cut", "-d", " ", "-f", "4,5", "/proc/self/mountinfo"]);
    const { stdout } = await container.run(options);
    const disks = stdout.split("\n").filter((line) => line.endsWith(" /"));
    equal("what is mounted as /", disks.length, 1);
    holds(
      "it is the bundle's root filesystem",
      disks.every((line) => line.includes("rootfs")),
      disks,
    );
  }),
]);

export const root: Chapter = {
  name: "root",
  title: "Root directory",
  about: "the container's / is the bundle's folder; the machine's own files cannot be reached from it",
  checks: [
    ...checksOfBothWays,

    check("handles", "a file cannot be opened by its number in the filesystem", async (t) => {
      const said = await t.inside(["probe", "handle", "/bin"]);
      equal("the probe (EPERM)", said, "open_by_handle_at: errno 1");
    }),

    check("cwd-descriptor", "a working directory below /proc/self/fd cannot lead out", async (t) => {
      const file = treasure(t);
      await t.control();
      for (let fd = 3; fd <= 12; fd++) {
        const container = t.container(["sh", "-c", `cat ./${file} ../../..${file} 2>/dev/null; pwd`], (c) => {
          c.process.cwd = `/proc/self/fd/${String(fd)}`;
        });
        const answer = await container.run({ through: [t.probe, "crowd", "fds"] });
        lacks(`with descriptor ${String(fd)}`, answer.stdout, "the machine's own");
        if (answer.status === 0) equal("working directory", answer.stdout, `/proc/self/fd/${String(fd)}\n`);
      }
    }),

    check("args-descriptor", "nor can a program name below /proc/self/fd", async (t) => {
      await t.control();
      for (let fd = 3; fd <= 12; fd++) {
        const container = t.container([`/proc/self/fd/${String(fd)}/hostname`]);
        const answer = await container.run({ through: [t.probe, "crowd", "fds"] });
        differs("exit status", answer.status, 0);
      }
    }),

    check("link-in-root", "a link inside that points up still ends inside", async (t) => {
      const file = treasure(t);
      const said = await t.shell(`ln -s ../../../../../../..${file} /tmp/link; cat /tmp/link 2>&1 || true`, (c) => {
        c.root.readonly = false;
      });
      lacks("reading", said, "the machine's own");
    }),

    check("no-mount-namespace", "without mounts of its own a container changes nothing of the machine's", async (t) => {
      const container = t.container(["true"], (c) => {
        withoutNamespace(c, "mount");
        c.linux.maskedPaths = [];
        c.linux.readonlyPaths = [];
        c.mounts = [];
      });
      await t.control();
      // refusing is as good as a plain chroot
      await container.run();
      await t.leavesNothing();
    }),

    check("absolute-root", "the root can also be given as an absolute path", async (t) => {
      const container = t.container(["cat", "/which"]);
      writeFileSync(join(container.rootfs, "which"), "this one\n");
      const second = t.container(["cat", "/which"], (c) => (c.root.path = container.rootfs));
      equal("content", (await second.run()).stdout, "this one\n");
    }),
  ],
};
