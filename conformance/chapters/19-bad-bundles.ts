import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { type Chapter, type Check, check } from "../chapter.js";
import type { Container } from "../container.js";
import { equal, matches } from "../expect.js";
import type { Trial } from "../trial.js";

/**
 * A bundle that must not become a container: create ends with an error, says why in one line, and leaves nothing. The same
 * bundle before it was spoiled must run.
 */
async function rejects(t: Trial, spoil: (container: Container) => void, words = /./): Promise<void> {
  await t.control();
  const container = t.container(["true"]);
  spoil(container);
  const { stdout, stderr } = await container.refused("create");
  equal("lines on standard error", stderr.trimEnd().split("\n").length, 1);
  equal("standard output", stdout, "");
  matches("words", stderr, words);
  await t.leavesNothing();
}

/** Replaces one part of a valid config.json, named by its path, by something that must not be there. */
function wrong(path: string, value: unknown): Check {
  const kind =
    JSON.stringify(value)
      .replaceAll("\\u0000", "-nul-")
      .replaceAll(/[^a-z0-9-]+/gi, "") || "empty";
  return check(`${path.replaceAll("/", "-")}-${kind}`, `${path} that is ${JSON.stringify(value)}`, async (t) => {
    await rejects(t, (container) => {
      const config: unknown = JSON.parse(JSON.stringify(container.config));
      const keys = path.split("/");
      const last = keys.pop() ?? "";
      let place = config as Record<string, unknown>;
      for (const key of keys) place = place[key] as Record<string, unknown>;
      place[last] = value;
      container.writeConfig(JSON.stringify(config));
    });
  });
}

/** Spoils the text of config.json. */
function text(name: string, title: string, content: string): Check {
  return check(name, title, async (t) => {
    await rejects(t, (container) => {
      container.writeConfig(content);
    });
  });
}

export const badBundles: Chapter = {
  name: "bad-bundles",
  title: "Bad bundles",
  about: "what cannot become a container is refused with one line that says why, and nothing is left of the attempt",
  checks: [
    check("no-bundle", "no bundle at all", async (t) => {
      await rejects(t, (container) => {
        renameSync(container.bundle, `${container.bundle}-away`);
        mkdirSync(container.bundle);
      });
    }),

    check("no-config", "a bundle without config.json", async (t) => {
      await rejects(t, (container) => {
        rmSync(join(container.bundle, "config.json"));
      });
    }),

    text("empty", "an empty config.json", ""),
    text("not-json", "a config.json that is not JSON", '{"ociVersion": "1.0.2",'),
    text("null", "a config.json that is null", "null"),
    text("array", "a config.json that is a list", "[]"),
    text("empty-object", "a config.json with nothing in it", "{}"),

    check("directory", "a config.json that is a directory", async (t) => {
      await rejects(t, (container) => {
        rmSync(join(container.bundle, "config.json"));
        mkdirSync(join(container.bundle, "config.json"));
      });
    }),

    wrong("process/args", "sh"),
    wrong("process/args", []),
    wrong("process/noNewPrivileges", "true"),
    wrong("process/user/uid", "1"),
    wrong("process/user/uid", -1),
    wrong("process/user/uid", 4294967296),
    wrong("process/user/uid", 4294967295),
    wrong("process/args", ["true", "a\0b"]),
    wrong("process/env", ["A=a\0b"]),
    wrong("process/env", ["NOTHING"]),
    wrong("hostname", "a\0b"),
    wrong("process/capabilities/bounding", "CAP_KILL"),
    wrong("process/rlimits", [{ type: "RLIMIT_NOFILE", soft: 20, hard: 10 }]),
    wrong("process/cwd", "relative"),
    wrong("process/env", { A: "b" }),
    wrong("mounts", { destination: "/x" }),
    wrong("linux/maskedPaths", "/secret"),
    wrong("linux/namespaces", [{ type: 5 }]),
    wrong("root", "rootfs"),
    wrong("hostname", 5),

    check("no-rootfs", "a root filesystem that is missing", async (t) => {
      await rejects(t, (container) => {
        renameSync(container.rootfs, `${container.rootfs}-away`);
      });
    }),

    check("rootfs-file", "a root filesystem that is a file", async (t) => {
      await rejects(t, (container) => {
        renameSync(container.rootfs, `${container.rootfs}-away`);
        writeFileSync(container.rootfs, "");
      });
    }),

    check("rootfs-link", "a root filesystem that is a link to somewhere else", async (t) => {
      await rejects(t, (container) => {
        const elsewhere = join(t.folder("elsewhere"), "rootfs");
        renameSync(container.rootfs, elsewhere);
        symlinkSync(elsewhere, container.rootfs);
      });
    }),

    check("no-program", "a program that is missing is found out at create", async (t) => {
      await rejects(
        t,
        (container) => {
          container.config.process.args = ["/no/such/program"];
          container.writeConfig(JSON.stringify(container.config));
        },
        /no such file or directory/i,
      );
    }),

    check("no-program-in-path", "also one that is looked for in PATH", async (t) => {
      await rejects(
        t,
        (container) => {
          container.config.process.args = ["no-such-program"];
          container.writeConfig(JSON.stringify(container.config));
        },
        /executable file (`.*` )?not found in \$PATH|no such file or directory/i,
      );
    }),

    check("not-executable", "a program that may not be executed", async (t) => {
      await rejects(
        t,
        (container) => {
          container.config.process.args = ["/etc/passwd"];
          container.writeConfig(JSON.stringify(container.config));
        },
        /permission denied/i,
      );
    }),

    check("cwd-file", "a working directory that is a file", async (t) => {
      await rejects(
        t,
        (container) => {
          container.config.process.cwd = "/etc/passwd";
          container.writeConfig(JSON.stringify(container.config));
        },
        /not a directory/i,
      );
    }),

    check("mount-source", "a bind mount of something that does not exist", async (t) => {
      await rejects(
        t,
        (container) => {
          container.config.mounts.push({
            destination: "/tmp",
            type: "bind",
            source: "/no/such/source",
            options: ["bind"],
          });
          container.writeConfig(JSON.stringify(container.config));
        },
        /no such file or directory/i,
      );
    }),

    check("proc-link", "a root in which /proc is a link", async (t) => {
      await rejects(t, (container) => {
        renameSync(join(container.rootfs, "proc"), join(container.rootfs, "elsewhere"));
        symlinkSync("elsewhere", join(container.rootfs, "proc"));
      });
    }),

    check("mount-over-proc", "a folder mounted over /proc", async (t) => {
      const source = t.folder("fake-proc");
      await rejects(t, (container) => {
        container.config.mounts.push({ destination: "/proc", type: "bind", source, options: ["bind"] });
        container.writeConfig(JSON.stringify(container.config));
      });
    }),

    check("fifo", "a config.json that is a pipe does not hang create", async (t) => {
      await rejects(t, (container) => {
        rmSync(join(container.bundle, "config.json"));
        spawnSync("mkfifo", [join(container.bundle, "config.json")]);
      });
    }),
  ],
};
