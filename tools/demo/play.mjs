// The life of one container, from a bundle to nothing.
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { makeBundle } from "../../examples/busybox-bundle.mjs";
import { briefly } from "./plan.mjs";

const id = "demo";
const cgroup = "/tsrun-demo";

export async function play(stage, { home, tsrun, root, work }) {
  // commands are given in the demo's own directory, so that what is shown is short
  const bundle = "bundle";
  const saying = join(work, "said");
  const global = ["--root", root];
  const verb = (name, ...args) => [tsrun, ...global, name, ...args];
  const command = (words, options) => stage.command(words, { hide: global, cwd: work, ...options });

  stage.scene("The runtime");
  await command([tsrun, "--version"]);

  stage.scene("A bundle: a root filesystem of one busybox, and config.json");
  makeDemoBundle(join(work, bundle), tsrun);
  await command(["ls", bundle, `${bundle}/rootfs`], { shown: (text) => text.replaceAll("\n", "  ") });
  stage.say(
    "config.json is what `tsrun spec` writes, with the host name tsrun-demo, at most 64 MiB of memory,\n32 processes and a fifth of a processor.",
  );
  await command(verb("validate", "--bundle", bundle));
  stage.say("silence: nothing is wrong with it");

  stage.scene("The plan: all that will be done, known before anything is");
  await command(verb("plan", "--json", "--bundle", bundle), { shown: briefly });

  stage.scene("create: the container is made, its program is not yet started");
  const output = openSync(saying, "w");
  await command(verb("create", "--bundle", bundle, id), { output });
  closeSync(output);
  const { pid } = JSON.parse(await command(verb("state", id)));
  stage.say(`outside it is process ${String(pid)}; inside it will be process 1`);
  await command(verb("list"));
  showCgroups(stage);

  stage.scene("start: its program runs; this is what it says");
  await command(verb("start", id));
  stage.show(
    (
      await until(
        () => readFileSync(saying, "utf8"),
        (text) => text.includes("ready\n"),
      )
    ).replace("ready\n", ""),
  );
  await command(verb("state", id), { shown: status });

  stage.scene("kill: it gets SIGTERM and ends");
  await command(verb("kill", id, "TERM"));
  stage.show(
    (
      await until(
        () => readFileSync(saying, "utf8"),
        (text) => text.includes("leaving"),
      )
    ).split("ready\n")[1],
  );
  await until(() => !existsSync(`/proc/${String(pid)}/root/bin`), Boolean);
  await command(verb("state", id), { shown: status });

  stage.scene("delete: nothing is left");
  await command(verb("delete", id));
  await command(verb("state", id), { expected: 1 });
  stage.say(
    `cgroups: ${String(cgroups().length)}, state: ${String(readdirSync(root).filter((name) => !name.startsWith(".")).length)} directories`,
  );

  stage.scene("When something is wrong: one line, exit status 1, nothing left");
  edit(join(work, bundle), (config) => (config.process.args = ["frobnicate"]));
  await command(verb("create", "--bundle", bundle, "wrong"), { expected: 1 });
  edit(join(work, bundle), (config) => (config.process.user.uid = -1));
  await command(verb("create", "--bundle", bundle, "wrong"), { expected: 1 });

  stage.scene("The same from Node.js: the npm package's command runs the same core");
  edit(join(work, bundle), (config) =>
    Object.assign(config.process, { args: ["echo", "hello from inside"], user: { uid: 0, gid: 0 } }),
  );
  await command([join(home, "dist/node/tsrun-node"), ...global, "run", "--bundle", bundle, id]);
  await command(verb("run", "--bundle", bundle, id));
}

function makeDemoBundle(bundle, tsrun) {
  const script = readFileSync(join(import.meta.dirname, "inside.sh"), "utf8");
  mkdirSync(bundle, { recursive: true });
  makeBundle(bundle, {
    runtime: tsrun,
    args: ["sh", "-c", script],
    edit: (config) => {
      config.hostname = "tsrun-demo";
      config.linux.cgroupsPath = cgroup;
      Object.assign(config.linux.resources, {
        memory: { limit: 64 * 1024 * 1024 },
        pids: { limit: 32 },
        cpu: { period: 100_000, quota: 20_000 },
      });
    },
  });
}

function edit(bundle, change) {
  const path = join(bundle, "config.json");
  const config = JSON.parse(readFileSync(path, "utf8"));
  change(config);
  writeFileSync(path, JSON.stringify(config, undefined, 2));
}

const status = (text) => `status: ${JSON.parse(text).status}`;

/** Asks until the answer is good; five seconds at most. */
async function until(ask, good) {
  for (let turn = 0; turn < 250; turn++) {
    const answer = ask();
    if (good(answer)) return answer;
    await pause(20);
  }
  throw new Error("the container did not do what it was told within five seconds");
}

/** Directories of the container's cgroups, in all hierarchies. */
function cgroups() {
  return readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" "))
    .filter(([, , kind]) => kind === "cgroup" || kind === "cgroup2")
    .map(([, mount]) => join(mount, cgroup))
    .filter((path) => existsSync(path));
}

const limitFiles = ["memory.max", "memory.limit_in_bytes", "pids.max", "cpu.max", "cpu.cfs_quota_us"];

function showCgroups(stage) {
  const limits = cgroups().flatMap((path) =>
    limitFiles.map((name) => join(path, name)).filter((file) => existsSync(file)),
  );
  stage.say("the limits, as the kernel has them:");
  stage.show(limits.map((file) => `${file}: ${readFileSync(file, "utf8").trim()}`).join("\n"));
}
