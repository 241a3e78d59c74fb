// Configurations that are well-formed but that the machine, or the root filesystem, refuses.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BundleConfig } from "../../examples/busybox-bundle.mjs";
import type { Case } from "./case.js";

const program = (title: string, file: string, says: RegExp): Case => ({
  title,
  edit: (config) => {
    config.process.args = [file];
  },
  says,
});

function resource(title: string, resources: object, says: RegExp): Case {
  return {
    title,
    edit: (config) => {
      Object.assign(config.linux["resources"] as object, resources);
    },
    says,
  };
}

function mount(title: string, entry: BundleConfig["mounts"][number], says: RegExp): Case {
  return {
    title,
    edit: (config) => {
      config.mounts.push(entry);
    },
    says,
  };
}

export const machines: readonly Case[] = [
  program("a program that is not in PATH", "frobnicate", /exec: "frobnicate": executable file not found in \$PATH/),
  program("a program that does not exist", "/bin/frobnicate", /\/bin\/frobnicate.*no such file or directory/),
  program("a program below a file", "/etc/passwd/x", /\/etc\/passwd\/x.*(not a directory|no such file or directory)/),
  program("a program that may not be executed", "/etc/passwd", /exec: "\/etc\/passwd": .*permission denied/),
  program("a program that is a directory", "/bin", /exec: "\/bin": .*(is a directory|permission denied)/),
  {
    title: "a working directory that is a file",
    edit: (config) => {
      config.process.cwd = "/etc/passwd";
    },
    says: /\/etc\/passwd.*not a directory/i,
  },
  {
    title: "a working directory below a file",
    edit: (config) => {
      config.process.cwd = "/etc/passwd/x";
    },
    says: /\/etc\/passwd.*not a directory/i,
  },
  mount(
    "a bind mount of what does not exist",
    { destination: "/mnt", type: "bind", source: "/nowhere", options: ["rbind"] },
    /\/(nowhere|mnt).*no such file or directory/i,
  ),
  mount(
    "a filesystem that the kernel does not know",
    { destination: "/mnt", type: "frobfs", source: "none" },
    /\/mnt.*no such device/i,
  ),
  mount(
    "an option that the filesystem does not know",
    { destination: "/mnt", type: "tmpfs", source: "tmpfs", options: ["frobnicate=1"] },
    /\/mnt.*invalid argument/i,
  ),
  mount(
    "a mount over a file",
    { destination: "/etc/passwd", type: "tmpfs", source: "tmpfs" },
    /\/etc\/passwd.*not a directory/i,
  ),
  {
    title: "a namespace that does not exist",
    edit: (config) => {
      (config.linux["namespaces"] as object[])[0] = { type: "pid", path: "/proc/self/ns/nothing" };
    },
    says: /\/proc\/self\/ns\/nothing.*no such file or directory/i,
  },
  {
    title: "a namespace of another kind",
    edit: (config) => {
      (config.linux["namespaces"] as object[])[0] = { type: "pid", path: "/proc/self/ns/net" };
    },
    says: /\/proc\/self\/ns\/net/i,
  },
  {
    title: "a namespace that is a plain file",
    edit: (config) => {
      (config.linux["namespaces"] as object[])[0] = { type: "pid", path: "/etc/passwd" };
    },
    says: /\/etc\/passwd/i,
  },
  resource("a memory limit that no process fits into", { memory: { limit: 4096 } }, /./),
  resource("a quota below the kernel's least", { cpu: { quota: 1, period: 100_000 } }, /cpu.*invalid argument/i),
  resource(
    "a processor that is not there",
    { cpu: { cpus: "4000" } },
    /cpuset.*(invalid argument|numerical result out of range)/i,
  ),
  {
    title: "a sysctl that the kernel does not know",
    edit: (config) => {
      config.linux["sysctl"] = { "net.ipv4.frobnicate": "1" };
    },
    says: /frobnicate.*no such file or directory|sysctl/i,
  },
  {
    title: "a seccomp action that does not exist",
    edit: (config) => {
      config.linux["seccomp"] = { defaultAction: "SCMP_ACT_APPLAUD", syscalls: [] };
    },
    says: /SCMP_ACT_APPLAUD/,
  },
  {
    title: "a hook that fails",
    edit: (config) => {
      config["hooks"] = { createRuntime: [{ path: "/bin/false" }] };
    },
    says: /hook/i,
  },
  {
    title: "a hook in the container's namespaces that fails with words in three lines",
    edit: (config) => {
      config["hooks"] = {
        createContainer: [{ path: "/bin/sh", args: ["sh", "-c", "echo a; echo b; echo c; exit 4"] }],
      };
    },
    says: /^error running createContainer hook #0: exit status 4: a b c$/m,
  },
  {
    title: "a hook that hangs",
    edit: (config) => {
      config["hooks"] = { createContainer: [{ path: "/bin/sleep", args: ["sleep", "1000"], timeout: 1 }] };
    },
    says: /^error running createContainer hook #0: no end after 1 s$/m,
  },
  {
    title: "a hook that is no program",
    edit: (config) => {
      config["hooks"] = { createRuntime: [{ path: "/etc" }] };
    },
    says: /^error running createRuntime hook #0: \/etc: permission denied$/m,
  },
  {
    title: "a hook that does not exist",
    edit: (config) => {
      config["hooks"] = { prestart: [{ path: "/nowhere" }] };
    },
    says: /\/nowhere|hook/i,
  },
  {
    title: "a state directory of somebody else in the way",
    prepare: (trial) => {
      writeFileSync(join(trial.root, trial.id), "");
    },
    says: /container with given ID already exists|file exists|not a directory/i,
  },
];
