import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Chapter, check } from "../chapter.js";
import { background, execFailures, inside, refused } from "./21-exec-failures.js";
import { type Config, grant, mapRoot, withoutNamespace } from "../config.js";
import { equal, holds, lacks, matches, present } from "../expect.js";
import { isAlive, link, namespaceOf, readText, statusLine } from "../host.js";

export const exec: Chapter = {
  name: "exec",
  title: "One more process",
  about: "exec runs a program in a container that runs, as if the container had started it",
  checks: [
    check("output", "its output and nothing else comes out, and its exit status is the caller's", async (t) => {
      const container = await t.running();
      const answer = await container.call("exec", {}, ["sh", "-c", "echo out; echo err >&2; exit 7"]);
      equal("output", [answer.stdout, answer.stderr, answer.status], ["out\n", "err\n", 7]);
    }),

    check("input", "it reads the caller's input", async (t) => {
      const container = await t.running();
      const answer = await container.must("exec", { input: "as typed\n" }, ["cat"]);
      equal("output", answer.stdout, "as typed\n");
    }),

    check("signalled", "a program that a signal ends gives 128 and the signal's number", async (t) => {
      const container = await t.running();
      equal("status", (await container.call("exec", {}, ["sh", "-c", "kill -KILL $$"])).status, 137);
    }),

    check("words", "words that look like options belong to the program", async (t) => {
      const container = await t.running();
      const said = await inside(container, ["probe", "args", "-t", "--detach", "--", "-", "", "two words"]);
      equal("arguments", said, "2:-t\n8:--detach\n2:--\n1:-\n0:\n9:two words");
    }),

    check("namespaces", "it is in all namespaces of the container's first process", async (t) => {
      const container = await t.running();
      const first = await container.pid();
      const pid = await background(container, ["sleep", "1000"]);
      for (const type of ["cgroup", "ipc", "mnt", "net", "pid", "user", "uts"])
        equal(type, namespaceOf(pid, type), namespaceOf(first, type));
      equal("root", link(`/proc/${pid}/root`), link(`/proc/${first}/root`));
    }),

    check("cgroups", "it is in the container's cgroups", async (t) => {
      const container = await t.running();
      const pid = await background(container, ["sleep", "1000"]);
      const sorted = (text: string | undefined) => (text ?? "").trim().split("\n").sort();
      equal(
        "cgroups",
        sorted(readText(`/proc/${pid}/cgroup`)),
        sorted(readText(`/proc/${await container.pid()}/cgroup`)),
      );
    }),

    check("outlives", "a detached program outlives the call, and whoever called it can wait for it", async (t) => {
      const container = await t.running();
      const pid = await background(container, ["sleep", "1000"]);
      holds("the program runs", isAlive(pid));
      const status = present("status", readText(`/proc/${pid}/status`));
      const first = present("status", readText(`/proc/${await container.pid()}/status`));
      equal("parent", statusLine(status, "PPid"), statusLine(first, "PPid"));
      await container.kill();
      await container.ended(pid);
    }),

    check(
      "environment",
      "its environment is the container's with what is given; the caller's stays outside",
      async (t) => {
        const container = await t.running((c) => (c.process.env = ["PATH=/bin", "A=1", "B=1"]));
        const answer = await container.must(
          "exec",
          { flags: ["-e", "B=2", "-e", "C=x,y=z"], env: { SECRET: "of the caller" } },
          ["probe", "env"],
        );
        equal("environment", answer.stdout.trim().split("\n").sort(), [
          "A=1",
          "B=2",
          "C=x,y=z",
          "HOME=/root",
          "PATH=/bin",
        ]);
      },
    ),

    check("user", "it is the user that is given, and HOME is that user's", async (t) => {
      const container = await t.running((c) => (c.process.env = ["PATH=/bin"]));
      equal("ids", await inside(container, ["sh", "-c", "id -u; id -g"], ["--user", "1000:5"]), "1000\n5");
      equal("home", await inside(container, ["sh", "-c", "echo $HOME"], ["-u", "1000"]), "/home/guest");
    }),

    check("user-numbers", "a user is a number of 32 bits; anything else is refused, not taken for root", async (t) => {
      const container = await t.running();
      for (const user of [
        "4294967295",
        "4294967296",
        "18446744073709551616",
        "-1",
        "guest",
        "1:x",
        "1:2:3",
        "0x0",
        " 0",
      ])
        await refused(container, ["id"], ["--user", user]);
    }),

    check("user-passwd", "what the image's passwd calls 1000 is no user 1000 (CVE-2016-3697)", async (t) => {
      const container = await t.running();
      writeFileSync(join(container.rootfs, "etc/passwd"), "1000:x:0:0::/:/bin/sh\n");
      equal("id", await inside(container, ["id", "-u"], ["--user", "1000"]), "1000");
    }),

    check("groups", "its groups are the container's and those that are given", async (t) => {
      const container = await t.running((c) => (c.process.user.additionalGids = [50]));
      const said = await inside(container, ["cat", "/proc/self/status"], ["-g", "60", "-g", "70"]);
      equal("groups", statusLine(said, "Groups"), "50 60 70");
    }),

    check(
      "capabilities",
      "it has the container's capabilities; one more is never inheritable (CVE-2022-29162)",
      async (t) => {
        const container = await t.running();
        const sets = (text: string) =>
          ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"].map((set) => statusLine(text, set));
        const first = present("status", readText(`/proc/${await container.pid()}/status`));
        equal("sets", sets(await inside(container, ["cat", "/proc/self/status"])), sets(first));
        const more = sets(await inside(container, ["cat", "/proc/self/status"], ["--cap", "CAP_SYS_PTRACE"]));
        const mask = (0x20000420 + 0x80000).toString(16).padStart(16, "0");
        equal("sets with one more", more, ["0".repeat(16), mask, mask, mask, "0".repeat(16)]);
      },
    ),

    check("no-new-privileges", "no_new_privs is as in the container, or set by the flag", async (t) => {
      const own = await t.running();
      equal("own", statusLine(await inside(own, ["cat", "/proc/self/status"]), "NoNewPrivs"), "1");
      const container = await t.running((c) => (c.process.noNewPrivileges = false));
      equal("off", statusLine(await inside(container, ["cat", "/proc/self/status"]), "NoNewPrivs"), "0");
      const flagged = await inside(container, ["cat", "/proc/self/status"], ["--no-new-privs"]);
      equal("flag", statusLine(flagged, "NoNewPrivs"), "1");
    }),

    check("seccomp", "the container's filter holds for it, whether it is loaded early or late", async (t) => {
      for (const noNewPrivileges of [true, false]) {
        const container = await t.running((c) => {
          c.process.noNewPrivileges = noNewPrivileges;
          c.linux.seccomp = {
            defaultAction: "SCMP_ACT_ALLOW",
            syscalls: [{ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO" }],
          };
        });
        const answer = await container.call("exec", {}, ["mkdir", "/tmp/x"]);
        matches("words", answer.stderr, /not permitted/);
        const said = await inside(container, ["cat", "/proc/self/status"]);
        equal("mode", statusLine(said, "Seccomp"), "2");
      }
    }),

    check("seccomp-no-fork", "also a filter that forbids to fork", async (t) => {
      const container = await t.running((c) => {
        c.process.noNewPrivileges = false;
        c.linux.seccomp = {
          defaultAction: "SCMP_ACT_ALLOW",
          syscalls: [{ names: ["clone", "clone3", "fork", "vfork"], action: "SCMP_ACT_ERRNO" }],
        };
      });
      equal("output", await inside(container, ["echo", "alone"]), "alone");
    }),

    check("limits", "its limits and oom score are the container's", async (t) => {
      const container = await t.running((c) => {
        c.process.rlimits = [{ type: "RLIMIT_NOFILE", soft: 100, hard: 200 }];
        c.process.oomScoreAdj = 321;
      });
      const said = await inside(container, ["sh", "-c", "ulimit -Sn; ulimit -Hn; cat /proc/self/oom_score_adj"]);
      equal("limits and score", said, "100\n200\n321");
    }),

    check("umask", "its file mask is the container's", async (t) => {
      const container = await t.running((c) => (c.process.user.umask = 0o027));
      equal("mask", await inside(container, ["sh", "-c", "umask"]), "0027");
    }),

    check("cwd", "it starts in the container's directory, or in the one that is given", async (t) => {
      const container = await t.running((c) => (c.process.cwd = "/tmp"));
      equal("own", await inside(container, ["pwd"]), "/tmp");
      equal("given", await inside(container, ["pwd"], ["--cwd", "/proc/sys"]), "/proc/sys");
    }),

    check("cwd-missing", "a directory that is not there is refused, and not made", async (t) => {
      const container = await t.running((c) => (c.root.readonly = false));
      matches("words", (await refused(container, ["pwd"], ["--cwd", "/missing"])).stderr, /no such file or directory/i);
      holds("nothing was made", !existsSync(join(container.rootfs, "missing")));
    }),

    check("cwd-descriptor", "its directory is none of the caller's (CVE-2024-21626)", async (t) => {
      const container = await t.running();
      for (let number = 3; number < 12; number++) {
        const flags = ["--cwd", `/proc/self/fd/${number}`];
        const answer = await container.call("exec", { through: [t.probe, "crowd", "fds"], flags }, ["ls"]);
        lacks("listing", answer.stdout, "hostname");
      }
    }),

    check("descriptors", "it gets descriptors 0, 1 and 2 only, and those that are meant for it", async (t) => {
      const container = await t.running();
      const through = [t.probe, "crowd", "fds"];
      equal("descriptors", (await container.must("exec", { through }, ["probe", "fds"])).stdout.trim(), "0 1 2");
      const kept = await container.must("exec", { through, flags: ["--preserve-fds", "1"] }, ["probe", "fds"]);
      equal("with one more", kept.stdout.trim(), "0 1 2 3");
    }),

    check("signals", "no signal is blocked or ignored for it", async (t) => {
      const container = await t.running();
      const answer = await container.must("exec", { through: [t.probe, "crowd", "signals"] }, [
        "cat",
        "/proc/self/status",
      ]);
      equal("blocked", statusLine(answer.stdout, "SigBlk"), "0000000000000000");
      equal("ignored", statusLine(answer.stdout, "SigIgn"), "0000000000000000");
    }),

    check("sub-cgroup", "it may go into a cgroup below the container's, and nowhere else", async (t) => {
      const container = await t.running();
      const own = present("cgroups", readText(`/proc/${await container.pid()}/cgroup`))
        .trim()
        .split("\n");
      const pids =
        present(
          "cgroup",
          own.find((line) => line.includes(":pids:")),
        ).split(":")[2] ?? "";
      const sub = join("/sys/fs/cgroup/pids", pids, "sub");
      t.outside("mkdir", sub);
      const said = await inside(container, ["cat", "/proc/self/cgroup"], ["--cgroup", "pids:sub"]);
      matches("cgroup", said, new RegExp(`:pids:.*/sub$`, "m"));
      for (const cgroup of ["pids:missing", "pids:..", "pids:sub/../../..", "nonsense:sub", "a:b:c", "missing"])
        await refused(container, ["true"], ["--cgroup", cgroup]);
    }),

    check("user-namespace", "in a container with users of its own it is one of them", async (t) => {
      const container = await t.running((c) => {
        mapRoot(c, 100_000);
        c.root.readonly = true;
      });
      const pid = await background(container, ["sleep", "1000"], ["--user", "7:8"]);
      const status = present("status", readText(`/proc/${pid}/status`));
      equal(
        "ids outside",
        [statusLine(status, "Uid"), statusLine(status, "Gid")],
        ["100007 100007 100007 100007", "100008 100008 100008 100008"],
      );
    }),

    check("shared-pids", "in a container without a pid namespace it is one of the machine's", async (t) => {
      const container = await t.running((c: Config) => {
        withoutNamespace(c, "pid");
      });
      const pid = await background(container, ["sleep", "1000"]);
      equal("pid namespace", namespaceOf(pid, "pid"), namespaceOf("self", "pid"));
      await container.must("kill", {}, ["KILL"]);
    }),

    check(
      "unseen",
      "nothing that the container may trace has more rights than the container (CVE-2016-9962)",
      async (t) => {
        const container = await t.running(
          (c) => {
            grant(c, "CAP_SYS_PTRACE");
          },
          ["probe", "stalk", (0x20000420 + 0x80000).toString(16)],
        );
        await container.says("stalking");
        for (let round = 0; round < 40; round++) await inside(container, ["true"]);
        equal("seen", container.output().trim(), "stalking");
      },
    ),

    ...execFailures,
  ],
};
