import { chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Chapter, check, checkAlone, Skip } from "../chapter.js";
import { type Config, mapRoot, setNamespace, withoutNamespace } from "../config.js";
import type { CallOptions, Container } from "../container.js";
import { equal, holds, matches, present } from "../expect.js";
import { readText, statusLine } from "../host.js";
import { invoke } from "../invoke.js";
import type { Edit, Trial } from "../trial.js";

/** A user of every machine who may do nothing; newuidmap(1) wants one with a name. */
const user = { name: "nobody", id: 65_534 };
const subordinate = 300_000;

const asUser = ["setpriv", `--reuid=${user.id}`, `--regid=${user.id}`, "--clear-groups"];
const asRootOfNamespace = [...asUser, "unshare", "--user", "--map-root-user"];

/** What `spec --rootless` of runtimes changes: nothing that only the machine's root could give. */
function withoutRoot(config: Config): void {
  config.linux.cgroupsPath = "";
  config.linux.resources = {};
  for (const mount of config.mounts)
    if (mount.options !== undefined) mount.options = mount.options.filter((option) => option !== "gid=5");
}

function ownId(config: Config): void {
  withoutRoot(config);
  mapRoot(config, user.id, 1);
  withoutNamespace(config, "network");
  const sys = present(
    "mount of /sys",
    config.mounts.find(({ destination }) => destination === "/sys"),
  );
  Object.assign(sys, { type: "none", source: "/sys", options: ["rbind", "nosuid", "noexec", "nodev", "ro"] });
}

/** Root inside is the user, all others are its subordinates. */
function subordinates(config: Config): void {
  ownId(config);
  const map = [
    { containerID: 0, hostID: user.id, size: 1 },
    { containerID: 1, hostID: subordinate, size: 65_535 },
  ];
  config.linux.uidMappings = map;
  config.linux.gidMappings = map;
}

/** A container whose runtime is called by the user. Its state is the user's. */
async function prepare(t: Trial, args: readonly string[], ...edits: Edit[]): Promise<[Container, CallOptions]> {
  mkdirSync(t.stateRoot, { recursive: true });
  chownSync(t.stateRoot, user.id, user.id);
  const { status, stderr } = await invoke([...asUser, ...t.runtime.slice(0, -2), "--version"], t.directory);
  // a checkout in somebody's home may be closed to others
  if (status !== 0) throw new Skip(`${user.name} cannot execute the runtime: ${stderr.trim()}`);
  const container = t.container(args, (c) => {
    for (const edit of edits) edit(c);
  });
  return [container, { through: asUser, env: { XDG_RUNTIME_DIR: t.stateRoot } }];
}

async function shell(t: Trial, script: string, ...edits: Edit[]): Promise<string> {
  const [container, how] = await prepare(t, ["sh", "-c", script], ...edits);
  return (await container.must("run", how)).stdout.trim();
}

async function refused(t: Trial, words: RegExp, ...edits: Edit[]): Promise<void> {
  const [control, how] = await prepare(t, ["true"], ownId);
  await control.must("run", how);
  const [container] = await prepare(t, ["true"], ...edits);
  matches("words", (await container.refused("create", how)).stderr, words);
  await t.leavesNothing();
}

/** Shows newuidmap(1) files of subordinate ids that the machine may not have. */
function giveSubordinates(t: Trial): void {
  // not in the trial's directory: a mount that is named after it would count as left behind
  const folder = mkdtempSync(join(tmpdir(), "subordinates-"));
  t.afterwards(() => {
    rmSync(folder, { recursive: true });
  });
  const file = join(folder, "ids");
  writeFileSync(file, `${user.name}:${subordinate}:65536\n`);
  for (const name of ["/etc/subuid", "/etc/subgid"]) t.mount("--bind", file, name);
}

export const rootless: Chapter = {
  name: "rootless",
  title: "Without root",
  about: "a user without any privilege can make containers of user namespaces",
  checks: [
    check("own-id", "the user is root inside, and stays what it is outside", async (t) => {
      const [container, how] = await prepare(
        t,
        ["sh", "-c", "id -u; id -g; cat /proc/self/setgroups; sleep 1000"],
        ownId,
      );
      await container.launch(how);
      equal("inside", await container.says("deny"), "0\n0\ndeny\n");
      const status = present("status", readText(`/proc/${String(await container.pid())}/status`));
      equal("user outside", statusLine(status, "Uid")?.split(" ")[0], String(user.id));
    }),

    check("life", "all verbs are the user's own", async (t) => {
      const [container, how] = await prepare(t, ["sleep", "1000"], ownId);
      const status = async () => (JSON.parse((await container.must("state", how)).stdout) as { status: string }).status;
      await container.must("create", how);
      equal("after create", await status(), "created");
      await container.must("start", how);
      equal("after start", await status(), "running");
      await container.must("kill", how, ["KILL"]);
      await container.must("delete", { ...how, flags: ["--force"] });
      await t.leavesNothing();
    }),

    check("spec", "spec --rootless writes a configuration that runs", async (t) => {
      const [container, how] = await prepare(t, [], ownId);
      const file = join(container.bundle, "config.json");
      rmSync(file);
      chownSync(container.bundle, user.id, user.id);
      const words = [...asUser, ...t.runtime, "spec", "--bundle", container.bundle, "--rootless"];
      equal("spec", (await invoke(words, container.bundle)).stderr, "");
      const config = JSON.parse(present(file, readText(file))) as Config;
      config.process.terminal = false;
      config.process.args = ["echo", "as written"];
      container.writeConfig(JSON.stringify(config));
      equal("output", (await container.must("run", how)).stdout, "as written\n");
    }),

    check("default-root", "without --root the state is in XDG_RUNTIME_DIR", async (t) => {
      const [container, how] = await prepare(t, ["sleep", "1000"], ownId);
      const command = container.command("create").filter((word) => word !== "--root" && word !== t.stateRoot);
      const { stderr } = await invoke([...asUser, ...command], container.bundle, how);
      equal("words", stderr, "");
      const [name = ""] = readdirSync(t.stateRoot);
      equal("state", readdirSync(join(t.stateRoot, name)).includes(container.id), true);
      const remove = [...asUser, ...t.runtime.slice(0, -2), "delete", "--force", container.id];
      equal("delete", (await invoke(remove, container.bundle, how)).stderr, "");
    }),

    checkAlone("subordinates", "with subordinate ids the program can be any user", async (t) => {
      giveSubordinates(t);
      const [container, how] = await prepare(t, ["sh", "-c", "id -u; id -G; echo .; sleep 1000"], subordinates, (c) => {
        c.process.user = { uid: 33, gid: 44, additionalGids: [55] };
      });
      await container.launch(how);
      equal("inside", await container.says("."), "33\n44 55\n.\n");
      const status = present("status", readText(`/proc/${String(await container.pid())}/status`));
      equal("user outside", statusLine(status, "Uid")?.split(" ")[0], String(subordinate + 32));
      equal("groups outside", statusLine(status, "Groups"), String(subordinate + 54));
    }),

    checkAlone("not-subordinate", "ids that are not the user's are refused", async (t) => {
      giveSubordinates(t);
      await refused(t, /./, (c) => {
        subordinates(c);
        c.linux.uidMappings = [{ containerID: 0, hostID: 0, size: 10 }];
      });
    }),

    check("groups", "a user alone may join no groups", async (t) => {
      await refused(t, /group/, ownId, (c) => (c.process.user.additionalGids = [0]));
    }),

    check("no-namespace", "without a user namespace nothing is made", async (t) => {
      await refused(t, /./, withoutRoot);
    }),

    check("no-cgroup", "a limit that cannot be set is refused", async (t) => {
      await refused(
        t,
        /rootless needs no limits \+ no cgrouppath when no permission is granted for cgroups/,
        ownId,
        (c) => {
          c.linux.cgroupsPath = `/${t.token}`;
          c.linux.resources = { pids: { limit: 10 } };
        },
      );
    }),

    check(
      "oom-score",
      "the program may be killed earlier than others; a wish for later is not granted, and no error",
      async (t) => {
        const score = async (oomScoreAdj: number) =>
          Number(await shell(t, "cat /proc/self/oom_score_adj", ownId, (c) => (c.process.oomScoreAdj = oomScoreAdj)));
        equal("earlier", await score(700), 700);
        holds("not later than allowed", (await score(-900)) > -900);
      },
    ),

    check("devices", "the usual devices work", async (t) => {
      equal("bytes of /dev/zero", await shell(t, "echo gone >/dev/null; head -c 4 /dev/zero | wc -c", ownId), "4");
    }),

    check("read-only-cgroups", "the machine's cgroups cannot be changed from inside", async (t) => {
      const script = "for d in /sys/fs/cgroup/*; do mkdir $d/mine 2>/dev/null && echo $d; done; true";
      equal("made", await shell(t, script, ownId), "");
    }),

    check("root-of-namespace", "the runtime can itself run as root of a user namespace, as under Podman", async (t) => {
      const [container, how] = await prepare(
        t,
        ["sh", "-c", "id -u; echo x >/dev/null && echo writes"],
        withoutRoot,
        (c) => {
          setNamespace(c, "network");
        },
      );
      const answer = await container.must("run", { ...how, through: asRootOfNamespace });
      equal("output", answer.stdout, "0\nwrites\n");
    }),

    check(
      "namespace-oom-score",
      "as root of a user namespace a better oom score is not granted, and no error",
      async (t) => {
        const [container, how] = await prepare(t, ["true"], withoutRoot, (c) => (c.process.oomScoreAdj = -900));
        await container.must("run", { ...how, through: asRootOfNamespace });
      },
    ),
  ],
};
