import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Chapter, check } from "../chapter.js";
import { type Config, setNamespace, withoutNamespace } from "../config.js";
import { equal, holds } from "../expect.js";
import { readText } from "../host.js";
import type { Trial } from "../trial.js";
import { witness } from "./witness.js";

/**
 * A procfs of this machine in which the folder of one sysctl is replaced by our own folder, as a container beside can do with
 * a volume that both share. Answers the place, and the file that a trusting runtime would write.
 */
function forgedProc(t: Trial, folder: string, name: string): { place: string; bait: string } {
  const [place, fake] = [t.folder("forged"), t.folder("fake")];
  const bait = join(fake, name);
  writeFileSync(bait, "bait");
  t.mount("-t", "proc", "proc", place);
  t.mount("--bind", fake, join(place, "sys", folder));
  return { place, bait };
}

function overProc(source: string): (config: Config) => void {
  return (c) => {
    c.mounts = c.mounts.filter(({ destination }) => destination !== "/proc");
    c.mounts.push({ destination: "/proc", type: "bind", source, options: ["rbind"] });
    c.linux.maskedPaths = [];
    c.linux.readonlyPaths = [];
  };
}

function sysctl(values: Record<string, string>): (config: Config) => void {
  return (c) => (c.linux.sysctl = values);
}

export const procfs: Chapter = {
  name: "security-procfs",
  title: "Security: /proc and /sys",
  about: "what a runtime writes to the kernel reaches the kernel, and nobody can put anything else in its place",
  checks: [
    check("CVE-2019-16884", "a folder or volume over /proc is refused", async (t) => {
      for (const spelling of ["/proc", "/proc/", "//etc/../proc/."])
        await t.refuses((c) => {
          overProc(t.folder("volume"))(c);
          for (const mount of c.mounts) if (mount.destination === "/proc") mount.destination = spelling;
        });
      await t.refuses((c) => {
        c.mounts = c.mounts.filter(({ destination }) => destination !== "/proc");
        c.mounts.push({ destination: "/proc", type: "tmpfs", source: "tmpfs" });
      });
    }),

    check("CVE-2015-3631", "so is anything mounted on a file or folder in /proc", async (t) => {
      const file = t.file("volume", "unconfined");
      for (const destination of ["/proc/self/attr/current", "/proc/sys/kernel/domainname", "/proc/self/status"])
        await t.refuses((c) => {
          c.mounts.push({ destination, type: "bind", source: file, options: ["bind"] });
        });
      await t.refuses((c) => {
        c.mounts.push({ destination: "/proc/sys", type: "tmpfs", source: "tmpfs" });
      });
    }),

    check("CVE-2019-16884-link", "also when a link of the root leads there", async (t) => {
      await t.control();
      const container = t.container(["true"], (c) => {
        c.mounts.push({ destination: "/etc/link", type: "bind", source: t.folder("volume"), options: ["bind"] });
      });
      symlinkSync("/proc/sys", join(container.rootfs, "etc/link"));
      await container.refused("create");
    }),

    ...["proc", "sys"].map((name) =>
      check(`CVE-2019-19921-${name}`, `a root in which /${name} is a link is refused`, async (t) => {
        await t.control();
        const { folder, unchanged } = witness(t);
        for (const target of ["elsewhere", "/elsewhere", folder, `${"../".repeat(24)}${folder}`]) {
          const container = t.container(["true"]);
          renameSync(join(container.rootfs, name), join(container.rootfs, "elsewhere"));
          symlinkSync(target, join(container.rootfs, name));
          await container.refused("create");
          unchanged();
        }
      }),
    ),

    check("CVE-2023-27561", "so is one in which a folder on the way to such a mount is a link", async (t) => {
      await t.control();
      const container = t.container(["true"], (c) => {
        c.mounts.push({ destination: "/way/proc", type: "proc", source: "proc" });
      });
      mkdirSync(join(container.rootfs, "elsewhere/proc"), { recursive: true });
      symlinkSync("elsewhere", join(container.rootfs, "way"));
      await container.refused("create");
    }),

    check("CVE-2025-52881", "a sysctl is set in the kernel, or not at all, whatever /proc looks like", async (t) => {
      await t.control();
      const { place, bait } = forgedProc(t, "kernel", "shm_rmid_forced");
      const container = t.container(["sleep", "1000"], (c) => {
        overProc(place)(c);
        sysctl({ "kernel.shm_rmid_forced": "1" })(c);
      });
      const answer = await container.call("create");
      equal("the forged file", readText(bait), "bait");
      if (answer.status !== 0) return;
      const pid = await container.pid();
      const real = t.outside("nsenter", `--target=${pid}`, "--ipc", "cat", "/proc/sys/kernel/shm_rmid_forced");
      equal("the kernel's own value", real, "1");
    }),

    check("CVE-2025-62596", "nor can its file be another file of /proc that takes what is written", async (t) => {
      await t.control();
      const place = t.folder("forged");
      t.mount("-t", "proc", "proc", place);
      // of the sandbox's own uts namespace: harmless, and it shows what was written to it
      const decoy = join(place, "sys/kernel/domainname");
      const before = readText(decoy);
      t.mount("--bind", decoy, join(place, "sys/kernel/shm_rmid_forced"));
      const container = t.container(["true"], (c) => {
        overProc(place)(c);
        sysctl({ "kernel.shm_rmid_forced": "1" })(c);
      });
      await container.call("create");
      equal("the other file", readText(decoy), before);
    }),

    check("CVE-2022-0811", "a sysctl's name or value cannot smuggle another one in", async (t) => {
      const values: Record<string, string>[] = [
        { "kernel.shm_rmid_forced+kernel.core_pattern": "1" },
        { "kernel.shm_rmid_forced": "1\nkernel.domainname=x" },
        { "kernel.shm_rmid_forced": "1\u0000" },
        { "kernel/../kernel/domainname": "x" },
        { "net.ipv4.../../kernel/domainname": "x" },
        { "net//ipv4.ip_forward": "1" },
        { "net..ipv4.ip_forward": "1" },
        { "": "1" },
        { "fs.mqueue./../../kernel.domainname": "x" },
      ];
      for (const each of values) await t.refuses(sysctl(each));
    }),

    check("GHSA-w2j5-3rcx-vx7x", "a sysctl that is not the container's own is refused", async (t) => {
      for (const name of [
        "vm.overcommit_memory",
        "kernel.sysrq",
        "fs.file-max",
        "kernel.hostname",
        "user.max_user_namespaces",
      ])
        await t.refuses(sysctl({ [name]: "1" }));
      await t.refuses((c) => {
        withoutNamespace(c, "network");
        sysctl({ "net.ipv4.ip_forward": "1" })(c);
      });
      await t.refuses((c) => {
        withoutNamespace(c, "ipc");
        sysctl({ "kernel.shm_rmid_forced": "1" })(c);
      });
    }),

    check("GHSA-w2j5-3rcx-vx7x-joined", "nor is one of a namespace that is joined and is the machine's", async (t) => {
      await t.refuses((c) => {
        setNamespace(c, "network", "/proc/self/ns/net");
        sysctl({ "net.ipv4.ip_forward": "1" })(c);
      });
      await t.refuses((c) => {
        setNamespace(c, "ipc", "/proc/self/ns/ipc");
        sysctl({ "kernel.shm_rmid_forced": "1" })(c);
      });
    }),

    check("CVE-2015-3630", "what /proc and /sys tell about the machine is hidden, as `spec` asks", async (t) => {
      const wanted =
        "/proc/acpi /proc/asound /proc/kcore /proc/keys /proc/latency_stats /proc/timer_list /proc/scsi /sys/firmware";
      t.outside(...(t.runtime as [string]), "spec", "--bundle", t.folder("template"));
      const spec = JSON.parse(readText(join(t.directory, "template/config.json")) ?? "") as Config;
      const missing = wanted.split(" ").filter((path) => !spec.linux.maskedPaths.includes(path));
      equal("not hidden", missing, []);
      const unprotected = ["bus", "fs", "irq", "sys", "sysrq-trigger"].filter(
        (name) => !spec.linux.readonlyPaths.includes(`/proc/${name}`),
      );
      equal("not read-only", unprotected, []);
      const script = spec.linux.maskedPaths
        .map((path) => `cat ${path} 2>/dev/null; ls ${path}/* 2>/dev/null`)
        .join("; ");
      equal(
        "seen in hidden files",
        await t.shell(`(${script}) | grep -v '^/proc\\|^/sys'; true`, (c) => {
          c.linux.maskedPaths = spec.linux.maskedPaths;
        }),
        "",
      );
      holds("hidden files", spec.linux.maskedPaths.length > 0);
    }),
  ],
};
