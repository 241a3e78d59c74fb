import { type Chapter, check } from "../chapter.js";
import type { Container } from "../container.js";
import { equal, holds, lacks, matches } from "../expect.js";
import { cgroupDirectory, eventually } from "../host.js";

const mebibyte = 1024 * 1024;

const version = (container: Container, controller: string): number =>
  cgroupDirectory(controller, container.config.linux.cgroupsPath)?.version ?? 0;

const memory = (container: Container): number =>
  Number(container.cgroupFile("memory", "memory.limit_in_bytes", "memory.max"));

const pids = (container: Container): string => container.cgroupFile("pids", "pids.max", "pids.max");

/** Quota and period, as one layout or the other shows them. */
function bandwidth(container: Container): string {
  if (version(container, "cpu") === 2) return container.cgroupFile("cpu", "", "cpu.max");
  const [quota, period] = ["cpu.cfs_quota_us", "cpu.cfs_period_us"].map((file) =>
    container.cgroupFile("cpu", file, ""),
  );
  return `${quota === "-1" ? "max" : (quota ?? "")} ${period ?? ""}`;
}

async function update(container: Container, ...flags: string[]): Promise<void> {
  const { stdout, stderr } = await container.must("update", { flags });
  equal("output", stdout + stderr, "");
}

/** Resources as JSON on standard input, as containerd sends them. */
async function send(container: Container, resources: object): Promise<void> {
  await container.must("update", { flags: ["--resources", "-"], input: JSON.stringify(resources) });
}

export const updating: Chapter = {
  name: "update",
  title: "Changing limits",
  about: "limits can be changed while the container runs; what is not named stays as it is",
  needs: "memory",
  checks: [
    check("flags", "each flag changes its limit", async (t) => {
      const container = await t.running();
      await update(container, "--memory", "64M", "--pids-limit", "33", "--cpu-quota", "20000", "--cpu-period", "50000");
      equal("memory", memory(container), 64 * mebibyte);
      equal("processes", pids(container), "33");
      equal("quota and period", bandwidth(container), "20000 50000");
    }),

    check("input", "resources come as JSON on standard input", async (t) => {
      const container = await t.running();
      await send(container, { memory: { limit: 70 * mebibyte }, pids: { limit: 44 }, cpu: { shares: 512 } });
      equal("memory and processes", [memory(container), pids(container)], [70 * mebibyte, "44"]);
    }),

    check("file", "or in a file", async (t) => {
      const container = await t.running();
      const file = t.file("resources.json", JSON.stringify({ pids: { limit: 55 } }));
      await update(container, "-r", file);
      equal("processes", pids(container), "55");
    }),

    check("rest-stays", "what is not named, or is zero, stays as it is", async (t) => {
      const container = await t.running((c) => {
        c.linux.resources.memory = { limit: 80 * mebibyte };
        c.linux.resources.cpu = { quota: 30_000, period: 60_000 };
      });
      await send(container, { pids: { limit: 66 }, memory: { limit: 0 }, cpu: { quota: 0, period: 0 }, devices: [] });
      equal("memory", memory(container), 80 * mebibyte);
      equal("quota and period", bandwidth(container), "30000 60000");
    }),

    check("pair", "quota and period can be changed one without the other", async (t) => {
      const container = await t.running((c) => (c.linux.resources.cpu = { quota: 30_000, period: 60_000 }));
      await update(container, "--cpu-quota", "20000");
      equal("after the quota", bandwidth(container), "20000 60000");
      await update(container, "--cpu-period", "40000");
      equal("after the period", bandwidth(container), "20000 40000");
      await update(container, "--cpu-quota", "-1");
      equal("without a quota", bandwidth(container), "max 40000");
    }),

    check("up-and-down", "memory and memory with swap go up and down together", async (t) => {
      const container = await t.running();
      for (const [limit, swap] of [
        [64, 128],
        [256, 512],
        [32, 33],
        [100, 200],
      ] as const) {
        await update(container, "--memory", `${limit}M`, "--memory-swap", `${swap}M`);
        equal("memory", memory(container), limit * mebibyte);
        if (version(container, "memory") === 1)
          equal("and swap", container.cgroupFile("memory", "memory.memsw.limit_in_bytes", ""), String(swap * mebibyte));
      }
    }),

    check("unlimited", "-1 takes a limit away", async (t) => {
      const container = await t.running((c) => {
        c.linux.resources.memory = { limit: 64 * mebibyte, swap: 128 * mebibyte };
        c.linux.resources.pids = { limit: 20 };
      });
      await update(container, "--memory", "-1", "--pids-limit", "-1");
      equal("processes", pids(container), "max");
      const found = container.cgroupFile("memory", "memory.limit_in_bytes", "memory.max");
      holds("memory", found === "max" || Number(found) > 2 ** 50, found);
    }),

    check("remembered", "a second change builds on the first", async (t) => {
      const container = await t.running();
      await update(container, "--cpu-quota", "25000", "--cpu-period", "50000");
      await update(container, "--cpu-period", "80000");
      equal("quota and period", bandwidth(container), "25000 80000");
    }),

    check("paused", "also while the container is paused", async (t) => {
      const container = await t.running();
      await container.must("pause");
      await update(container, "--pids-limit", "77");
      equal("processes", pids(container), "77");
      await container.status("paused");
    }),

    check("created", "also before it is started", async (t) => {
      const container = t.container(["sleep", "1000"]);
      await container.must("create");
      await update(container, "--pids-limit", "78");
      equal("processes", pids(container), "78");
    }),

    check("all-or-none", "when one limit cannot be set, the others are as they were", async (t) => {
      const container = await t.running((c) => {
        c.linux.resources.pids = { limit: 90 };
        c.linux.resources.cpu = { shares: 300 };
      });
      const answer = await container.refused("update", {
        flags: ["--cpu-share", "700", "--cpuset-cpus", "9999", "--pids-limit", "91"],
      });
      lacks("words", answer.stderr.trim(), "\n");
      equal("processes", pids(container), "90");
      if (version(container, "cpu") === 1) equal("shares", container.cgroupFile("cpu", "cpu.shares", ""), "300");
    }),

    check("devices", "a list of devices that is sent takes effect", async (t) => {
      const log = { type: "c", major: 1, minor: 11 };
      const script = "while :; do probe open /dev/log-device r; usleep 50000; done";
      const container = await t.running(
        (c) => {
          c.linux.devices = [{ path: "/dev/log-device", ...log, fileMode: 0o666, uid: 0, gid: 0 }];
          for (const set of ["bounding", "effective", "permitted"] as const)
            c.process.capabilities?.[set]?.push("CAP_SYSLOG");
        },
        ["sh", "-c", script],
      );
      await container.says("errno 1");
      await send(container, {
        devices: [
          { allow: false, access: "rwm" },
          { allow: true, ...log, access: "r" },
        ],
      });
      await container.says("ok 0");
      await send(container, { devices: [{ allow: false, access: "rwm" }] });
      const before = container.output().length;
      await container.says("ok 0");
      holds("it is forbidden again", await later(container, before, "errno 1"));
    }),

    check("never-denied", "no device that stays allowed is denied meanwhile", async (t) => {
      const script = "while :; do echo x >/dev/null || echo denied; done";
      const container = await t.running(undefined, ["sh", "-c", script]);
      for (let round = 0; round < 20; round++)
        await send(container, { devices: [{ allow: round % 2 === 0, access: "rwm" }] });
      await container.status("running");
      lacks("output", container.output(), "denied");
    }),

    check("bad-flags", "values that make no sense are refused", async (t) => {
      const container = await t.running((c) => (c.linux.resources.pids = { limit: 90 }));
      await update(container, "--pids-limit", "89");
      for (const [flag, value] of [
        ["--memory", "much"],
        ["--pids-limit", "1.5"],
        ["--cpu-quota", "fast"],
        ["--cpu-share", "-5"],
        ["--no-such-limit", "1"],
      ] as const)
        await container.refused("update", { flags: [flag, value] });
      equal("processes", pids(container), "89");
    }),

    check("bad-input", "resources that are no JSON, or of the wrong kind, are refused", async (t) => {
      const container = await t.running();
      await send(container, {});
      for (const input of ["", "{", "[]", '"x"', '{"memory":{"limit":"a"}}', '{"pids":{"limit":{}}}', '{}},"x":{']) {
        const answer = await container.call("update", { flags: ["--resources", "-"], input });
        holds(`${input} must be refused`, answer.status !== 0);
      }
      await container.refused("update", { flags: ["--resources", "/no/such/file"] });
    }),

    check("stopped", "a stopped container has no limits to change", async (t) => {
      const container = await t.running();
      const pid = await container.pid();
      await container.kill();
      await container.ended(pid);
      matches(
        "words",
        (await container.refused("update", { flags: ["--pids-limit", "5"] })).stderr,
        /not running|stopped/,
      );
    }),

    check("unknown", "nor has one that does not exist", async (t) => {
      const answer = await t.container(["true"]).refused("update", { flags: ["--pids-limit", "5"] });
      matches("words", answer.stderr, /does not exist|No such file/i);
    }),
  ],
};

/** Waits for text in what is written after a place. */
function later(container: Container, place: number, text: string): Promise<boolean> {
  return eventually(() => container.output().slice(place).includes(text));
}
