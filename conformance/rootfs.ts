// The files of a container: busybox, a link for each of its commands, and the probe.
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const busybox = "/bin/busybox";

/** What all root filesystems of a run share. */
export interface Programs {
  readonly busybox: string;
  readonly probe: string;
}

/** Copies busybox into `directory` and compiles the probe there, or copies the one that was compiled elsewhere. */
export function preparePrograms(directory: string, compiled?: string): Programs {
  const programs = { busybox: join(directory, "busybox"), probe: join(directory, "probe") };
  if (compiled === undefined) compileProbe(programs.probe);
  else copyFileSync(compiled, programs.probe);
  copyFileSync(busybox, programs.busybox);
  for (const file of Object.values(programs)) chmodSync(file, 0o755);
  return programs;
}

function compileProbe(target: string): void {
  const sources = ["probe.c", "terminal.c"].map((name) => join(import.meta.dirname, "inside", name));
  execFileSync("cc", ["-static", "-O1", "-Wall", "-o", target, ...sources], {
    stdio: ["ignore", "inherit", "inherit"],
  });
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
