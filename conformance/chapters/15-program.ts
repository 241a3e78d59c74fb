import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Chapter, check } from "../chapter.js";
import { equal, lacks, matches, present } from "../expect.js";
import { statusLine } from "../host.js";

/** How the probe prints an argument: its length in bytes and itself. */
const shown = (words: readonly string[]): string =>
  words.map((word) => `${Buffer.byteLength(word)}:${word}`).join("\n");

export const program: Chapter = {
  name: "program",
  title: "The program",
  about:
    "it starts with exactly the words, surroundings, user and limits that were asked, and with nothing of its caller's",
  checks: [
    check("args", "its arguments arrive unchanged: spaces, quotes, other alphabets, empty ones", async (t) => {
      const words = [
        "two words",
        "",
        "'single' \"double\"",
        "$HOME `id` *",
        "größe 容器 🐚",
        "-x",
        "--",
        "a\\nb",
        "\ttab",
      ];
      equal("arguments", await t.inside(["probe", "args", ...words]), shown(words));
    }),

    check("args-many", "also many and long ones", async (t) => {
      const words = Array.from({ length: 500 }, (_, index) => `word-${index}-${"x".repeat(200)}`);
      equal("arguments", await t.inside(["probe", "args", ...words]), shown(words));
    }),

    check("path", "its file is looked for in the container's PATH", async (t) => {
      const container = t.container(["mine"], (c) => (c.process.env = ["PATH=/nowhere:/etc:/bin"]));
      writeFileSync(join(container.rootfs, "etc/mine"), "#!/bin/sh\necho found in etc\n", { mode: 0o755 });
      equal("output", (await container.run()).stdout, "found in etc\n");
    }),

    check("env", "its environment is exactly the configured one: the caller's variables stay outside", async (t) => {
      const asked = ["PATH=/bin", "EMPTY=", "SPACED=a b", "SIGN=a=b", "HOME=/tmp"];
      const said = await t.inside(["probe", "env"], (c) => (c.process.env = asked), {
        env: { SECRET: "of the caller" },
      });
      equal("environment", said.split("\n").sort(), [...asked].sort());
    }),

    check("home", "without HOME it gets the one of its user in /etc/passwd", async (t) => {
      const said = await t.shell("echo $HOME", (c) => (c.process.user = { uid: 1000, gid: 1000 }), {
        env: { HOME: "/caller" },
      });
      equal("HOME", said, "/home/guest");
    }),

    check("cwd", "it starts in the asked directory", async (t) => {
      equal("pwd", await t.inside(["pwd"], (c) => (c.process.cwd = "/proc/sys")), "/proc/sys");
    }),

    check("cwd-made", "which is made if it is missing and the root can be written", async (t) => {
      const said = await t.inside(["pwd"], (c) => {
        c.root.readonly = false;
        c.process.cwd = "/made/for/this";
      });
      equal("pwd", said, "/made/for/this");
    }),

    check("user", "it runs as the asked user and groups", async (t) => {
      const said = await t.inside(["cat", "/proc/self/status"], (c) => {
        c.process.user = { uid: 1234, gid: 567, additionalGids: [10, 20, 30] };
      });
      equal("users", statusLine(said, "Uid"), "1234 1234 1234 1234");
      equal("groups", statusLine(said, "Gid"), "567 567 567 567");
      equal("additional groups", statusLine(said, "Groups"), "10 20 30");
    }),

    check("groups-of-caller", "the caller's additional groups are not handed on", async (t) => {
      const options = { through: [t.probe, "crowd", "groups"] };
      const said = await t.inside(["cat", "/proc/self/status"], undefined, options);
      equal("additional groups", statusLine(said, "Groups")?.replace(/^0$/, ""), "");
    }),

    check("umask", "files are made with the asked mask", async (t) => {
      const said = await t.shell("umask; touch /tmp/f; stat -c %a /tmp/f", (c) => {
        c.root.readonly = false;
        c.process.user.umask = 0o027;
      });
      equal("mask and mode", said, "0027\n640");
    }),

    check("umask-of-caller", "without one the mask is 022, whatever the caller's is", async (t) => {
      equal("mask", await t.shell("umask", undefined, { through: [t.probe, "crowd", "umask"] }), "0022");
    }),

    check("rlimits", "resource limits are the asked ones", async (t) => {
      const said = await t.inside(["cat", "/proc/self/limits"], (c) => {
        c.process.rlimits = [
          { type: "RLIMIT_NOFILE", soft: 256, hard: 512 },
          { type: "RLIMIT_CORE", soft: 0, hard: 0 },
          { type: "RLIMIT_CPU", soft: 100, hard: 200 },
        ];
      });
      matches("open files", said, /Max open files +256 +512 /);
      matches("core files", said, /Max core file size +0 +0 /);
      matches("processor seconds", said, /Max cpu time +100 +200 /);
    }),

    check("rlimit-unknown", "an unknown kind of limit is refused", async (t) => {
      await t.refuses((c) => (c.process.rlimits = [{ type: "RLIMIT_LUCK", soft: 1, hard: 1 }]));
    }),

    check("no-new-privileges", "noNewPrivileges is on when asked, and off when not", async (t) => {
      for (const asked of [true, false]) {
        const said = await t.inside(["cat", "/proc/self/status"], (c) => (c.process.noNewPrivileges = asked));
        equal("NoNewPrivs", statusLine(said, "NoNewPrivs"), asked ? "1" : "0");
      }
    }),

    check("oom-score", "oomScoreAdj tells the kernel whom to end first when memory is short", async (t) => {
      const said = await t.shell("cat /proc/self/oom_score_adj", (c) => (c.process.oomScoreAdj = 567));
      equal("oom_score_adj", said, "567");
    }),

    check("descriptors", "it gets descriptors 0, 1 and 2 only, whatever its caller has open", async (t) => {
      const options = { through: [t.probe, "crowd", "fds"] };
      equal("descriptors", await t.inside(["probe", "fds"], undefined, options), "0 1 2");
    }),

    check("descriptors-created", "no file of the caller is open in a container that waits for start", async (t) => {
      const container = t.container(["sleep", "1000"]);
      await container.must("create", { through: [t.probe, "crowd", "fds"] });
      const folder = `/proc/${await container.pid()}/fd`;
      const links = readdirSync(folder).map((name) => `${name} -> ${t.outside("readlink", join(folder, name))}`);
      equal(
        "descriptors of /etc",
        links.filter((link) => link.endsWith(" -> /etc")),
        [],
      );
    }),

    check("preserve-fds", "descriptors that the caller means to hand on arrive", async (t) => {
      const options = { through: [t.probe, "crowd", "fds"], flags: ["--preserve-fds", "1"] };
      equal("descriptors", await t.inside(["probe", "fds"], undefined, options), "0 1 2 3");
    }),

    check("closed-input", "a caller without standard input does no harm", async (t) => {
      const container = t.container(["sh", "-c", "probe fds; cat"]);
      const answer = await container.run({ through: [t.probe, "crowd", "nostdin"] });
      equal("exit status", answer.status, 0);
      lacks("standard error", answer.stderr, "panic");
      matches("descriptors", answer.stdout, /^(0 )?1 2 \n$/);
    }),

    check("signals", "no signal is blocked or ignored for it, whatever its caller did", async (t) => {
      const options = { through: [t.probe, "crowd", "signals"] };
      const said = await t.inside(["cat", "/proc/self/status"], undefined, options);
      equal("blocked", statusLine(said, "SigBlk"), "0000000000000000");
      equal("ignored", statusLine(said, "SigIgn"), "0000000000000000");
    }),

    check("terminal", "it can have a terminal of its own, whose other end goes to the caller's socket", async (t) => {
      const container = t.container(["sh", "-c", "test -t 0 && test -t 1 && test -t 2 && stty size"], (c) => {
        c.process.terminal = true;
        c.process.consoleSize = { height: 33, width: 77 };
      });
      // shorter than the 108 bytes of a socket's path
      const socket = join(t.directory, "tty");
      const create = container.command("create", ["--console-socket", socket]);
      const said = await t.around("console", socket, ...create, "--", ...container.command("start"));
      equal("size of the terminal", said, "33 77");
    }),

    check("terminal-nowhere", "a terminal without a socket to send it to is refused", async (t) => {
      await t.refuses((c) => (c.process.terminal = true));
    }),

    check("rlimits-of-caller", "without configured limits it has its caller's", async (t) => {
      const through = ["sh", "-c", 'ulimit -Sn 777; exec "$0" "$@"'];
      const said = await t.inside(["cat", "/proc/self/limits"], (c) => delete c.process.rlimits, { through });
      matches("open files", said, /Max open files +777 /);
    }),

    check("passwd-pipe", "an /etc/passwd that is a pipe does not make it hang", async (t) => {
      const container = t.container(["echo", "runs"]);
      t.outside("rm", join(container.rootfs, "etc/passwd"));
      t.outside("mkfifo", join(container.rootfs, "etc/passwd"));
      equal("output", (await container.run()).stdout, "runs\n");
    }),

    check("passwd-number", "a user's number is never taken for a name in /etc/passwd", async (t) => {
      const container = t.container(["id", "-u"], (c) => (c.process.user = { uid: 1000, gid: 1000 }));
      writeFileSync(join(container.rootfs, "etc/passwd"), "1000:x:0:0:fake:/root:/bin/sh\n");
      equal("user", (await container.run()).stdout, "1000\n");
    }),

    check("single", "it is alone in a session of its own, led by nobody outside", async (t) => {
      const stat = await t.shell("cat /proc/1/stat");
      const [, group, session] = present("stat", stat.split(") ")[1]).split(" ").slice(1);
      // 0 would be a leader that the container cannot see
      equal("process group and session are inside", [group, session], ["1", "1"]);
    }),

    check("exec-format", "a file that is no program is reported by run", async (t) => {
      await t.control();
      const container = t.container(["/etc/nonsense"]);
      writeFileSync(join(container.rootfs, "etc/nonsense"), "this is no program\n", { mode: 0o755 });
      const { status } = await container.run();
      equal("run succeeds", status === 0, false);
    }),
  ],
};
