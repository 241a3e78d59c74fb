// The files of a container: busybox, a link for each of its commands, and the probe.
import { execFileSync } from "node:child_process";
import { copyFileSync, chmodSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const busybox = "/bin/busybox";

/** What all root filesystems of a run share. */
export interface Programs {
  readonly busybox: string;
  readonly probe: string;
}

/** Compiles the probe and copies busybox into `directory`. */
export function preparePrograms(directory: string): Programs {
  const programs = { busybox: join(directory, "busybox"), probe: join(directory, "probe") };
  const source = join(import.meta.dirname, "inside/probe.c");
  execFileSync("cc", ["-static", "-O1", "-Wall", "-o", programs.probe, source], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  copyFileSync(busybox, programs.busybox);
  for (const file of Object.values(programs)) chmodSync(file, 0o755);
  return programs;
}

/** Busybox's commands that the checks use; all of them would cost more time than the containers. */
const applets = (
  "cat chmod chown cut dd echo env false grep head hostname id ip ln ls mkdir mknod mount nc ps pwd readlink sed seq sh sleep " +
  "sort stat stty tail test touch true umount uname usleep wc"
).split(" ");

const folders = ["bin", "dev", "etc", "proc", "root", "sys", "tmp"];

/** Makes a root filesystem at `directory`. Programs are hard links: a tree costs no copy. */
export function makeRootfs(directory: string, programs: Programs): void {
  mkdirSync(directory, { mode: 0o755 });
  for (const folder of folders) mkdirSync(join(directory, folder), { mode: 0o755 });
  chmodSync(join(directory, "tmp"), 0o1777);
  linkSync(programs.busybox, join(directory, "bin/busybox"));
  linkSync(programs.probe, join(directory, "bin/probe"));
  for (const applet of applets) symlinkSync("busybox", join(directory, "bin", applet));
  writeFileSync(
    join(directory, "etc/passwd"),
    "root:x:0:0:root:/root:/bin/sh\nguest:x:1000:1000:guest:/home/guest:/bin/sh\n",
  );
  writeFileSync(join(directory, "etc/group"), "root:x:0:\nguest:x:1000:\n");
}
