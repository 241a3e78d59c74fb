import { type Chapter, check } from "../chapter.js";
import { equal, holds, matches, present } from "../expect.js";
import { cgroupDirectory, isAlive } from "../host.js";

const mebibyte = 1024 * 1024;

export const memory: Chapter = {
  name: "memory",
  title: "Memory",
  about: "a container that takes more memory than its limit is ended by the kernel; nobody else pays for it",
  needs: "memory",
  checks: [
    check("limit-file", "the limit reaches the kernel", async (t) => {
      const container = await t.running((c) => (c.linux.resources.memory = { limit: 64 * mebibyte }));
      equal("limit", container.cgroupFile("memory", "memory.limit_in_bytes", "memory.max"), String(64 * mebibyte));
    }),

    check("reservation", "the reservation reaches the kernel", async (t) => {
      const container = await t.running((c) => (c.linux.resources.memory = { reservation: 32 * mebibyte }));
      const found = container.cgroupFile("memory", "memory.soft_limit_in_bytes", "memory.low");
      equal("reservation", found, String(32 * mebibyte));
    }),

    check("swap", "the limit of memory and swap together reaches the kernel", async (t) => {
      const container = await t.running((c) => {
        c.linux.resources.memory = { limit: 64 * mebibyte, swap: 96 * mebibyte };
      });
      const version = present("memory", cgroupDirectory("memory", container.config.linux.cgroupsPath)).version;
      const found = container.cgroupFile("memory", "memory.memsw.limit_in_bytes", "memory.swap.max");
      equal("memory and swap", found, String((version === 1 ? 96 : 32) * mebibyte));
    }),

    check("below", "a program that stays below its limit runs", async (t) => {
      const said = await t.inside(["probe", "hold", String(16 * mebibyte)], (c) => {
        c.linux.resources.memory = { limit: 64 * mebibyte };
      });
      matches("the program", said, /^held/);
    }),

    check("hog", "a program that takes more is killed, and the container beside it lives on", async (t) => {
      const neighbour = await t.running((c) => (c.linux.resources.memory = { limit: 32 * mebibyte }));
      const pid = await neighbour.pid();
      const hog = t.container(["probe", "hold", String(512 * mebibyte)], (c) => {
        c.linux.resources.memory = { limit: 32 * mebibyte, swap: 32 * mebibyte };
      });
      const answer = await hog.run();
      equal("exit status of the hog (128 + SIGKILL)", answer.status, 137);
      equal("what it could say", answer.stdout, "");
      holds("the neighbour lives", isAlive(pid));
    }),

    check("counted", "the kernel says that it was the limit", async (t) => {
      // the shell survives when its child is the bigger one
      const hog = await t.running(
        (c) => (c.linux.resources.memory = { limit: 32 * mebibyte, swap: 32 * mebibyte }),
        ["sh", "-c", "probe hold 536870912; echo status $?; sleep 1000"],
      );
      equal("the shell's answer", await hog.says("status"), "status 137\n");
      matches("kills", hog.cgroupFile("memory", "memory.oom_control", "memory.events"), /oom_kill 1$/m);
    }),
  ],
};
