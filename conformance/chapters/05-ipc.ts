import { join } from "node:path";
import { writeFileSync } from "node:fs";
import { type Chapter, check } from "../chapter.js";
import { withoutNamespace } from "../config.js";
import { differs, equal, matches } from "../expect.js";
import { exists, namespaceOf, readText } from "../host.js";
import type { Trial } from "../trial.js";

/** A key that no other check uses: shared memory is found by number. */
const key = "0x74737275";

/** Makes a segment of shared memory on the machine, and takes it away after the check. */
function segmentOutside(t: Trial): void {
  const id = t.outside(t.probe, "shm", "make", key);
  t.afterwards(() => t.outside(t.probe, "shm", "remove", id));
}

export const ipc: Chapter = {
  name: "ipc",
  title: "IPC objects",
  about: "shared memory and message queues are named by numbers and words; a container has its own set of names",
  checks: [
    check("shm-inside", "shared memory of the machine is not seen inside", async (t) => {
      segmentOutside(t);
      const lines = (await t.shell("cat /proc/sysvipc/shm")).split("\n");
      equal("segments inside", lines.length - 1, 0);
    }),

    check("shm-outside", "shared memory made inside is not seen outside", async (t) => {
      const container = await t.running(undefined, [
        "sh",
        "-c",
        "probe shm make 0x123 && cat /proc/sysvipc/shm; sleep 1000",
      ]);
      matches("segments inside", await container.says("291"), /\n +291 /);
      equal("seen outside", /\n +291 /.test(readText("/proc/sysvipc/shm") ?? ""), false);
    }),

    check("mqueue", "a message queue made inside is not seen outside, nor the other way round", async (t) => {
      const folder = t.folder("queues");
      t.mount("-t", "mqueue", "mqueue", folder);
      writeFileSync(join(folder, t.token), "");
      t.afterwards(() => t.outside("rm", join(folder, t.token)));
      const container = await t.running(undefined, [
        "sh",
        "-c",
        "touch /dev/mqueue/inner; ls /dev/mqueue; echo .; sleep 1000",
      ]);
      equal("queues inside", await container.says("."), "inner\n.\n");
      equal("queue outside", exists(join(folder, "inner")), false);
    }),

    check("dev-shm", "/dev/shm is the container's own", async (t) => {
      equal("files in /dev/shm", await t.shell("ls -A /dev/shm; touch /dev/shm/works"), "");
    }),

    check("own-namespace", "its ipc namespace is another one than the machine's", async (t) => {
      const container = await t.running();
      differs("namespace", namespaceOf(await container.pid(), "ipc"), namespaceOf("self", "ipc"));
    }),

    check("shared", "without an ipc namespace of its own it shares the machine's", async (t) => {
      segmentOutside(t);
      const said = await t.shell("cat /proc/sysvipc/shm", (c) => {
        withoutNamespace(c, "ipc");
        c.mounts = c.mounts.filter(({ type }) => type !== "mqueue");
      });
      matches("segments inside", said, new RegExp(String(Number(key))));
    }),

    check("sysctl", "a setting of its own IPC holds inside and not outside", async (t) => {
      const file = "/proc/sys/kernel/msgmax";
      const before = readText(file);
      const said = await t.shell(`cat ${file}`, (c) => (c.linux.sysctl = { "kernel.msgmax": "4321" }));
      equal("inside", said, "4321");
      equal("outside", readText(file), before);
    }),

    check("sysctl-host", "a setting of the machine's own IPC is refused", async (t) => {
      const before = readText("/proc/sys/kernel/msgmax") ?? "";
      await t.refuses((c) => {
        withoutNamespace(c, "ipc");
        c.mounts = c.mounts.filter(({ type }) => type !== "mqueue");
        c.linux.sysctl = { "kernel.msgmax": "4321" };
      });
      equal("outside", readText("/proc/sys/kernel/msgmax"), before);
    }),

    check("sysctl-global", "a setting that belongs to no namespace is refused", async (t) => {
      await t.refuses((c) => (c.linux.sysctl = { "vm.panic_on_oom": "0" }));
    }),
  ],
};
