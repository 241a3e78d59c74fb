// Makes an OCI bundle from the machine's own busybox: a root filesystem of one static file and its links, and the
// config.json that a runtime's `spec` verb prints, edited.
//   node examples/busybox-bundle.mjs DIRECTORY [RUNTIME] [ARG...]
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** Where Debian's busybox-static puts its file. */
const busybox = "/bin/busybox";

/** Fills `directory` with /bin/busybox, a link for each of its applets, and the directories that mounts need. */
export function makeRootfs(directory) {
  for (const name of ["bin", "dev", "etc", "proc", "root", "run", "sys", "tmp"])
    mkdirSync(join(directory, name), { recursive: true });
  copyFileSync(realpathSync(busybox), join(directory, "bin/busybox"));
  const applets = spawnSync(busybox, ["--list"], { encoding: "utf8" }).stdout.split("\n");
  for (const applet of applets)
    if (applet !== "" && applet !== "busybox") symlinkSync("busybox", join(directory, "bin", applet));
  writeFileSync(join(directory, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
  writeFileSync(join(directory, "etc/group"), "root:x:0:\n");
}

/** What `RUNTIME spec` writes, with no terminal and with `args` as the program. */
export function defaultConfig(runtime, directory, args) {
  mkdirSync(directory, { recursive: true });
  const spec = spawnSync(runtime, ["spec", "--bundle", directory], { encoding: "utf8" });
  if (spec.status !== 0) throw new Error(`${runtime} spec: ${spec.error?.message ?? spec.stderr.trim()}`);
  const config = JSON.parse(readFileSync(join(directory, "config.json"), "utf8"));
  config.process.terminal = false;
  config.process.args = args;
  return config;
}

/**
 * Makes a bundle in `directory`, which must not hold a config.json yet; `edit` may change the configuration before it
 * is written. Answers the configuration.
 */
export function makeBundle(directory, { runtime, args, edit }) {
  const config = defaultConfig(runtime, directory, args);
  edit?.(config);
  if (!existsSync(join(directory, "rootfs"))) makeRootfs(join(directory, "rootfs"));
  writeFileSync(join(directory, "config.json"), JSON.stringify(config, undefined, 2) + "\n");
  return config;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [directory, runtime = "tsrun", ...args] = process.argv.slice(2);
  if (directory === undefined) {
    console.error("usage: node busybox-bundle.mjs DIRECTORY [RUNTIME] [ARG...]");
    process.exit(1);
  }
  makeBundle(resolve(directory), { runtime, args: args.length > 0 ? args : ["echo", "hello from a container"] });
}
