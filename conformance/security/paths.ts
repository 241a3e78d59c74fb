import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Chapter, type Check, check } from "../chapter.js";
import type { Config } from "../config.js";
import type { Container } from "../container.js";
import { equal, holds, lacks } from "../expect.js";
import { readText } from "../host.js";
import { invoke } from "../invoke.js";
import type { Trial } from "../trial.js";
import { treasure, witness } from "./witness.js";

/** Every way up that a link of an image can spell: to the folder from the top, and from where the link stands. */
function spellings(target: string): string[] {
  return [target, `${"../".repeat(24)}${target.slice(1)}`];
}

/** Leaves /dev to the image, which a root filesystem without its own tmpfs there does. */
function withoutDev(config: Config): void {
  config.root.readonly = false;
  config.mounts = config.mounts.filter(({ destination }) => !destination.startsWith("/dev"));
}

/** Puts a link in the place of a folder or file of the root filesystem. */
function replace(container: Container, name: string, target: string): void {
  const place = join(container.rootfs, name);
  rmSync(place, { recursive: true, force: true });
  symlinkSync(target, place);
}

/**
 * Containers whose root filesystem was spoiled, each in another way: whether they run or are refused, the machine's own files
 * stay what they are and are not seen inside.
 */
function staysInside(
  name: string,
  title: string,
  program: readonly string[],
  edit: (config: Config, place: string) => void,
  spoil: (container: Container, folder: string) => void,
): Check {
  return check(name, title, async (t) => {
    await t.control();
    const { folder, unchanged } = witness(t);
    for (const spelling of spellings(folder)) {
      const container = t.container(program, (c) => {
        edit(c, spelling);
      });
      spoil(container, spelling);
      const answer = await container.run();
      lacks("output", answer.stdout + answer.stderr, treasure.trim());
      unchanged();
    }
  });
}

/** A mount of tmpfs and one of a folder: what is below a destination is seen by nobody but the container. */
function mountsAt(t: Trial, destination: string): Config["mounts"] {
  return [
    { destination, type: "tmpfs", source: "tmpfs" },
    { destination, type: "bind", source: t.folder("source"), options: ["bind"] },
  ];
}

export const paths: Chapter = {
  name: "security-paths",
  title: "Security: paths",
  about: "whatever links a root filesystem contains, a runtime makes, mounts, opens and changes files below it only",
  checks: [
    check("docker-5656", "a mount's destination that is a link out of the root ends inside", async (t) => {
      await t.control();
      const { folder, unchanged } = witness(t);
      for (const spelling of spellings(`${folder}/folder`))
        for (const mount of mountsAt(t, "/etc/out/deeper/and/deeper")) {
          const container = t.container(["cat", "/proc/self/mountinfo"], (c) => {
            c.root.readonly = false;
            c.mounts.push(mount);
          });
          symlinkSync(spelling, join(container.rootfs, "etc/out"));
          const answer = await container.run();
          unchanged();
          // refusing is as good as mounting inside
          if (answer.status === 0)
            holds("it is mounted inside", answer.stdout.includes(" /tmp/"), answer.stdout.split("\n").at(-2));
        }
    }),

    check(
      "CVE-2019-18837",
      "a link anywhere in a destination is followed inside, and a circle of them ends",
      async (t) => {
        await t.control();
        const { folder, unchanged } = witness(t);
        const links: Record<string, readonly [string, string][]> = {
          last: [["etc/last", folder]],
          middle: [["etc/middle", folder]],
          dangling: [["etc/dangling", `${folder}/not/there`]],
          chain: Array.from({ length: 38 }, (_, i) => [
            `etc/chain${i === 0 ? "" : i}`,
            i === 37 ? folder : `chain${i + 1}`,
          ]),
          circle: [
            ["etc/circle", "round"],
            ["etc/round", "circle"],
          ],
        };
        for (const [name, made] of Object.entries(links))
          for (const mount of mountsAt(t, `/etc/${name}${name === "middle" ? "/folder" : ""}`)) {
            const container = t.container(["true"], (c) => {
              c.root.readonly = false;
              c.mounts.push(mount);
            });
            for (const [place, target] of made) symlinkSync(target, join(container.rootfs, place));
            await container.run();
            unchanged();
          }
      },
    ),

    check(
      "CVE-2015-3629",
      "a container that replaced a folder by a link is started again, and nothing leaks out",
      async (t) => {
        const { folder, unchanged } = witness(t);
        const edit = (c: Config) => {
          c.root.readonly = false;
          c.mounts.push({ destination: "/mnt/x", type: "tmpfs", source: "tmpfs" });
        };
        const container = t.container(
          ["sh", "-c", `umount /mnt/x; rm -r /mnt; ln -s ${"../".repeat(24)}${folder} /mnt`],
          edit,
        );
        // what it did there itself is a matter of its capabilities; the link is there in any case
        await container.run();
        replace(container, "mnt", `${"../".repeat(24)}${folder}`);
        await container.run();
        unchanged();
      },
    ),

    staysInside(
      "CVE-2026-41579",
      "a /dev that is a link out of the root gets no devices, links or terminals there",
      ["true"],
      withoutDev,
      (container, folder) => {
        replace(container, "dev", folder);
      },
    ),

    staysInside(
      "CVE-2015-3627",
      "standard streams are not opened by their names in the root",
      ["true"],
      withoutDev,
      (container, folder) => {
        for (const name of ["stdin", "stdout", "stderr", "fd", "ptmx", "core", "console", "tty", "zero"])
          replace(container, `dev/${name}`, `${folder}/file`);
      },
    ),

    staysInside(
      "CVE-2025-24965",
      "files that a runtime might write into a root filesystem are not written through links",
      ["true"],
      (c) => (c.root.readonly = false),
      (container, folder) => {
        const names = "hostname hosts resolv.conf mtab passwd group shadow subuid subgid".split(" ");
        for (const name of names) replace(container, `etc/${name}`, `${folder}/file`);
        for (const name of [".krun_config.json", ".dockerenv", ".containerenv", "run", "var"])
          replace(container, name, `${folder}/file`);
      },
    ),

    staysInside(
      "CVE-2023-0778",
      "a working directory that is a link out of the root is made inside",
      ["sh", "-c", "cat ./file ../file; pwd"],
      (c) => {
        c.root.readonly = false;
        c.process.cwd = "/etc/out/new/folder";
      },
      (container, folder) => {
        symlinkSync(folder, join(container.rootfs, "etc/out"));
      },
    ),

    staysInside(
      "CVE-2025-9566",
      "a file that is mounted over a link changes nothing behind the link",
      ["cat", "/etc/out"],
      (c) => {
        c.root.readonly = false;
        c.mounts.push({ destination: "/etc/out", type: "bind", source: "/etc/hostname", options: ["bind"] });
      },
      (container, folder) => {
        symlinkSync(`${folder}/file`, join(container.rootfs, "etc/out"));
      },
    ),

    check("CVE-2025-31133", "what hides a file is the machine's /dev/null, never the one of the root", async (t) => {
      await t.control();
      for (const bait of ["/bait", "bait", "/etc/../bait"]) {
        // its streams may lead anywhere: it writes what it sees into a file
        const container = t.container(["sh", "-c", "cat /secret >/seen"], (c) => {
          withoutDev(c);
          c.linux.maskedPaths.push("/secret");
        });
        for (const place of ["secret", "bait", "dev/bait"]) writeFileSync(join(container.rootfs, place), treasure);
        replace(container, "dev/null", bait);
        await container.run();
        lacks("seen", readText(join(container.rootfs, "seen")) ?? "", treasure.trim());
      }
    }),

    check(
      "CVE-2025-31133-streams",
      "nor do the standard streams lead to a file that the root calls /dev/null",
      async (t) => {
        await t.control();
        const container = t.container(["sh", "-c", "echo written; echo written >&2"], withoutDev);
        const bait = join(container.rootfs, "bait");
        writeFileSync(bait, "");
        replace(container, "dev/null", "/bait");
        await container.run();
        await container.run({ through: ["sh", "-c", 'exec "$@" </dev/null >/dev/null 2>&1', "sh"] });
        equal("written into the bait", readText(bait), "");
      },
    ),

    check(
      "dev-null-impostor",
      "a device or file of the root that is not the null device is no /dev/null",
      async (t) => {
        await t.control();
        for (const words of [["c", "1", "8"], ["b", "7", "0"], ["p"]]) {
          const container = t.container(["true"], withoutDev);
          t.outside("mknod", join(container.rootfs, "dev/null"), ...words);
          await container.refused("run");
        }
      },
    ),

    check(
      "CVE-2025-52565",
      "a /dev/console that is a link gets no terminal behind it, nor is that file emptied",
      async (t) => {
        await t.control();
        const { folder, unchanged } = witness(t);
        for (const target of ["/victim/file", "/victim/new", ...spellings(`${folder}/new`)]) {
          const container = t.container(["sh", "-c", "grep ' /victim' /proc/self/mountinfo"], (c) => {
            withoutDev(c);
            c.process.terminal = true;
            c.mounts.push(
              { destination: "/dev/pts", type: "devpts", source: "devpts", options: ["newinstance"] },
              { destination: "/victim", type: "bind", source: folder, options: ["bind"] },
            );
          });
          mkdirSync(join(container.rootfs, "dev/pts"));
          replace(container, "dev/console", target);
          const socket = join(t.directory, "console.sock");
          rmSync(socket, { force: true });
          const words = ["console", socket, ...container.command("create", ["--console-socket", socket]), "--"];
          // refusing is the safe answer, and the right one
          const answer = await invoke([t.probe, ...words, ...container.command("start")], t.directory);
          if (answer.status === 0) equal("mounts over the link's target", answer.stdout.trim().split("\n").length, 1);
          unchanged();
        }
      },
    ),

    check(
      "CVE-2018-15664",
      "a runtime opens no library, no program and no configuration of name services in the root",
      async (t) => {
        await t.control();
        const container = t.container(["true"]);
        const names = "etc/nsswitch.conf etc/ld.so.cache etc/ld.so.preload etc/hosts bin/ps bin/mount bin/id".split(
          " ",
        );
        const libraries = ["libnss_files.so.2", "libc.so.6", "ld-linux-x86-64.so.2"].flatMap((name) =>
          ["lib", "lib64", "lib/x86_64-linux-gnu"].map((folder) => `${folder}/${name}`),
        );
        for (const folder of ["lib/x86_64-linux-gnu", "lib64"])
          mkdirSync(join(container.rootfs, folder), { recursive: true });
        const watched = [...names, ...libraries].map((name) => join(container.rootfs, name));
        for (const path of watched) {
          rmSync(path, { force: true });
          writeFileSync(path, "#!/bin/sh\necho opened\n", { mode: 0o755 });
        }
        const seen = await t.around("watch", ...watched, "--", ...container.command("run"));
        equal("opened", seen, "");
      },
    ),

    check("GHSA-5g49-rx9x-qfc6", "a file name of a cgroup leads nowhere else", async (t) => {
      for (const name of ["../../release_agent", "a/b", "..", "/cgroup.procs"])
        await t.refuses((c) => {
          (c.linux.resources as Record<string, unknown>)["unified"] = { [name]: "1" };
        });
    }),

    check("cgroups-path-dots", "a cgroup's path cannot climb out of the cgroups", async (t) => {
      const { folder, unchanged } = witness(t);
      const container = t.container(["true"], (c) => {
        c.linux.cgroupsPath = `${c.linux.cgroupsPath}/../../../../../../../../../..${folder}/made`;
      });
      await container.run();
      unchanged();
    }),
  ],
};
