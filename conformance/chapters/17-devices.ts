import { existsSync } from "node:fs";
import { type Chapter, check, Skip } from "../chapter.js";
import { type Config, grant } from "../config.js";
import { equal, matches } from "../expect.js";

/** The kernel's log: a device that no container has by default, and whose reading does no harm. */
const log = { type: "c", major: 1, minor: 11 };
const [allowed, forbidden] = ["ok 0", "errno 1"];

function withLog(config: Config, access?: string): void {
  config.linux.devices = [{ path: "/dev/log-device", ...log, fileMode: 0o666, uid: 0, gid: 0 }];
  if (access !== undefined) config.linux.resources.devices?.push({ allow: true, ...log, access });
  grant(config, "CAP_SYSLOG");
}

/** What the configuration gives every container: mode, then major and minor in hexadecimal. */
const usual = ["null", "zero", "full", "random", "urandom", "tty"];
const numbers = ["1 3", "1 5", "1 7", "1 8", "1 9", "5 0"];

export const devices: Chapter = {
  name: "devices",
  title: "Devices",
  about: "device files lead into the kernel; a container has the harmless ones and may open no others",
  checks: [
    check("usual", "the usual devices are there, for everybody", async (t) => {
      const said = await t.shell(`cd /dev; stat -c '%n %a %t %T %F' ${usual.join(" ")}`);
      equal(
        "name, mode, numbers",
        said.split("\n"),
        usual.map((name, i) => `${name} 666 ${numbers[i] ?? ""} character special file`),
      );
    }),

    check("links", "and the usual links", async (t) => {
      const said = await t.shell(
        "cd /dev; readlink fd; readlink stdin; readlink stdout; readlink stderr; readlink ptmx | grep -o 'pts/ptmx$'",
      );
      equal("links", said.split("\n"), [
        "/proc/self/fd",
        "/proc/self/fd/0",
        "/proc/self/fd/1",
        "/proc/self/fd/2",
        "pts/ptmx",
      ]);
    }),

    check("work", "null swallows, zero and random give, full is full", async (t) => {
      const script =
        "echo x >/dev/null; head -c 5 /dev/zero | wc -c; head -c 6 /dev/urandom | wc -c; (echo x >/dev/full) 2>&1 | grep -o 'No space left'";
      equal("output", await t.shell(script), "5\n6\nNo space left");
    }),

    check(
      "null-streams",
      "a standard stream that is the machine's null device is the container's own inside",
      async (t) => {
        const script =
          "for n in 0 2; do stat -L -c '%d %i' /proc/self/fd/$n; done; stat -c '%d %i' /dev/null; echo end";
        const container = t.container(["sh", "-c", script]);
        // one of them read-only, the other write-only
        await container.launch({ through: ["sh", "-c", 'exec "$@" </dev/null 2>/dev/null', "sh"] });
        const seen = (await container.says("end")).split("\n");
        equal("streams 0 and 2", seen.slice(0, 2), [seen[2], seen[2]]);
      },
    ),

    check("no-more", "no other device is there", async (t) => {
      const said = await t.shell(
        "cd /dev; for f in *; do [ -h $f ] && continue; [ -b $f ] && echo $f; [ -c $f ] && echo $f; done; true",
      );
      equal(
        "devices",
        said
          .split("\n")
          .filter((name) => name !== "ptmx")
          .sort(),
        [...usual].sort(),
      );
    }),

    check("made", "another device is made as configured: numbers, mode, owner", async (t) => {
      const said = await t.shell("stat -c '%F %t %T %a %u %g' /dev/made/twin", (c) => {
        c.linux.devices = [
          { path: "/dev/made/twin", type: "c", major: 1, minor: 5, fileMode: 0o640, uid: 12, gid: 34 },
        ];
      });
      equal("device", said, "character special file 1 5 640 12 34");
    }),

    check("denied", "a device that no rule allows cannot be opened, even if its file is there", async (t) => {
      equal("opening", await t.inside(["probe", "open", "/dev/log-device", "r"], withLog), forbidden);
    }),

    check("allowed", "a rule allows it, for reading only if it says so", async (t) => {
      if (!existsSync("/dev/kmsg")) throw new Skip("this machine has no /dev/kmsg");
      const edit = (c: Config) => {
        withLog(c, "r");
      };
      equal("reading", await t.inside(["probe", "open", "/dev/log-device", "r"], edit), allowed);
      equal("writing", await t.inside(["probe", "open", "/dev/log-device", "w"], edit), forbidden);
    }),

    check("order", "of several rules the last one counts", async (t) => {
      const said = await t.inside(["probe", "open", "/dev/log-device", "r"], (c) => {
        withLog(c, "rwm");
        c.linux.resources.devices?.push({ allow: false, ...log, access: "rwm" });
      });
      equal("opening", said, forbidden);
    }),

    check("no-rules", "without any rule nothing more is allowed", async (t) => {
      const said = await t.inside(["probe", "open", "/dev/log-device", "r"], (c) => {
        withLog(c);
        delete c.linux.resources.devices;
      });
      equal("opening", said, forbidden);
    }),

    check("mknod", "a file for the machine's disk can be made with CAP_MKNOD, but not opened", async (t) => {
      const said = await t.shell(
        "mknod /tmp/disk b 254 0 2>/dev/null; mknod /tmp/memory c 1 1; probe open /tmp/memory r; probe open /tmp/disk r",
        (c) => {
          c.root.readonly = false;
          grant(c, "CAP_MKNOD", "CAP_SYS_RAWIO");
        },
      );
      for (const line of said.split("\n")) matches("opening", line, /^errno (1|2|6)$/);
      matches("opening the machine's memory", said, /^errno 1$/m);
    }),

    check("terminals", "the container has terminals of its own", async (t) => {
      equal("terminals", await t.shell("ls /dev/pts"), "ptmx");
    }),
  ],
};
