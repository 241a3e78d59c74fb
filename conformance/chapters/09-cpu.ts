import { type Chapter, check, checkAlone, Skip } from "../chapter.js";
import { between, equal, matches, present } from "../expect.js";
import { cgroupDirectory, pause, readText, withController } from "../host.js";
import type { Container } from "../container.js";

/** Seconds of processor time that a process has used: first field of schedstat, in nanoseconds. */
function used(pid: number): number {
  const text = present("schedstat", readText(`/proc/${String(pid)}/schedstat`));
  return Number(text.split(" ")[0]) / 1e9;
}

/** Share of one processor that a process gets during some seconds. */
async function share(pid: number, seconds: number): Promise<number> {
  const [start, before] = [performance.now(), used(pid)];
  await pause(seconds * 1000);
  const [end, after] = [performance.now(), used(pid)];
  return Math.round(((after - before) / ((end - start) / 1000)) * 1000) / 10;
}

/** Version 2 has a weight from 1 to 10000 instead of shares from 2 to 262144; both mean the same share of 1024 or 100. */
function sharesOrWeight(container: Container): { version: number; value: number } {
  const version = cgroupDirectory("cpu", container.config.linux.cgroupsPath)?.version ?? 0;
  return { version, value: Number(container.cgroupFile("cpu", "cpu.shares", "cpu.weight")) };
}

export const cpu: Chapter = {
  name: "cpu",
  title: "Processor time",
  about: "a quota says how long a container may compute in each period; shares say who comes first when all want to",
  needs: "cpu",
  checks: [
    check("quota-file", "quota and period reach the kernel", async (t) => {
      const container = await t.running((c) => (c.linux.resources.cpu = { quota: 30_000, period: 150_000 }));
      const place = present("a hierarchy with cpu", cgroupDirectory("cpu", container.config.linux.cgroupsPath));
      if (place.version === 2) {
        equal("cpu.max", container.cgroupFile("cpu", "", "cpu.max"), "30000 150000");
      } else {
        equal("cpu.cfs_quota_us", container.cgroupFile("cpu", "cpu.cfs_quota_us", ""), "30000");
        equal("cpu.cfs_period_us", container.cgroupFile("cpu", "cpu.cfs_period_us", ""), "150000");
      }
    }),

    check("shares", "shares reach the kernel", async (t) => {
      const container = await t.running((c) => (c.linux.resources.cpu = { shares: 512 }));
      const { version, value } = sharesOrWeight(container);
      // runtimes of different age translate shares to weights by different formulas: 20 or 59 for 512
      if (version === 1) equal("cpu.shares", value, 512);
      else between("cpu.weight", value, 19, 60);
    }),

    check("cpus", "a container bound to one processor may use no other", async (t) => {
      if (withController("cpuset") === undefined)
        throw new Skip("no hierarchy of this machine has the controller cpuset");
      const said = await t.shell(
        "grep Cpus_allowed_list /proc/self/status",
        (c) => (c.linux.resources.cpu = { cpus: "0" }),
      );
      matches("processors inside", said, /:\s+0$/);
    }),

    checkAlone("quota", "a busy loop under a quota of 20 % gets 20 % of a processor, 3 % more or less", async (t) => {
      const container = await t.running(
        (c) => (c.linux.resources.cpu = { quota: 20_000, period: 100_000 }),
        ["probe", "burn"],
      );
      const pid = await container.pid();
      await pause(300);
      // a machine that is busy with other things may give less than the quota for a while, but never more
      let found = await share(pid, 3);
      for (let again = 0; again < 3 && found < 17; again++) found = await share(pid, 3);
      between("per cent of one processor", found, 17, 23);
    }),

    checkAlone("no-quota", "without a quota the same loop is never held back", async (t) => {
      const container = await t.running(undefined, ["probe", "burn"]);
      between("per cent of one processor", await share(await container.pid(), 1), 1, 101);
      matches("cpu.stat", container.cgroupFile("cpu", "cpu.stat", "cpu.stat"), /nr_throttled 0/);
    }),
  ],
};
