// Bundles that are not there, or not what they should be.
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { Case } from "./case.js";
import type { Trial } from "./trial.js";

const configOf = (trial: Trial): string => join(trial.bundle, "config.json");

function replaceConfig(make: (path: string, trial: Trial) => void): (trial: Trial) => void {
  return (trial) => {
    rmSync(configOf(trial), { force: true });
    make(configOf(trial), trial);
  };
}

function rootPath(name: string, make?: (path: string, trial: Trial) => void): Pick<Case, "prepare"> {
  return {
    prepare: (trial) => {
      const path = join(trial.bundle, name);
      make?.(path, trial);
      trial.configure((config) => {
        config.root.path = name;
      });
    },
  };
}

export const bundles: readonly Case[] = [
  {
    title: "no config.json",
    prepare: replaceConfig(() => undefined),
    says: /config\.json.*no such file or directory/i,
  },
  {
    title: "a bundle that does not exist",
    args: ["create", "--bundle", "{directory}/nowhere", "{id}"],
    says: /nowhere.*no such file or directory/i,
  },
  {
    title: "a bundle that is a file",
    args: ["create", "--bundle", "/etc/passwd", "{id}"],
    says: /not a directory/i,
  },
  {
    title: "config.json is a directory",
    prepare: replaceConfig((path) => {
      mkdirSync(path);
    }),
    says: /config\.json: (is a directory|expected a regular file, found a directory)/i,
  },
  {
    title: "config.json is a FIFO",
    prepare: replaceConfig((path) => {
      spawnSync("mkfifo", [path]);
    }),
    says: /config\.json: (expected|not) a regular file/i,
  },
  {
    title: "config.json is a socket",
    prepare: replaceConfig((path) => {
      const server = createServer().listen(path);
      server.unref();
    }),
    says: /config\.json/i,
  },
  {
    title: "config.json leads to a device without an end",
    prepare: replaceConfig((path) => {
      symlinkSync("/dev/zero", path);
    }),
    says: /config\.json: (expected|not) a regular file/i,
  },
  {
    title: "config.json leads to itself",
    prepare: replaceConfig((path) => {
      symlinkSync("config.json", path);
    }),
    says: /config\.json.*too many (levels of )?symbolic links/i,
  },
  {
    title: "config.json of 100 MB, all of it one annotation",
    prepare: (trial) => {
      trial.configure((config) => {
        config["annotations"] = { long: "x".repeat(100_000_000) };
      });
    },
    says: /config\.json.*(larger|too large|too big|at most|limit)/i,
  },
  {
    title: "config.json of 100 MB, all of it white space",
    prepare: (trial) => {
      trial.write(" ".repeat(100_000_000) + "{}");
    },
    says: /config\.json.*(larger|too large|too big|at most|limit)/i,
  },
  {
    title: "config.json of 1 TB, with nothing in it",
    prepare: (trial) => {
      trial.write("");
      truncateSync(configOf(trial), 1e12);
    },
    says: /config\.json.*(larger|too large|too big|at most|limit)/i,
  },
  { title: "a rootfs that does not exist", ...rootPath("missing"), says: /missing.*no such file or directory/i },
  {
    title: "a rootfs that is a symbolic link",
    ...rootPath("link", (path, { rootfs }) => {
      symlinkSync(rootfs, path);
    }),
    says: /\/root\/path.*(symbolic link|symlink)/i,
  },
  {
    title: "a rootfs that is a dangling symbolic link",
    ...rootPath("link", (path) => {
      symlinkSync("nowhere", path);
    }),
    says: /link/i,
  },
  {
    title: "a rootfs that is a file",
    ...rootPath("file", (path) => {
      writeFileSync(path, "");
    }),
    says: /file.*not a directory/i,
  },
  {
    title: "an empty rootfs",
    ...rootPath("empty", (path) => {
      mkdirSync(path);
    }),
    says: /no such file or directory/i,
  },
  {
    title: "a pid file in a directory that does not exist",
    args: ["create", "--bundle", "{bundle}", "--pid-file", "{directory}/nowhere/pid", "{id}"],
    says: /nowhere\/(\.?pid).*no such file or directory/i,
  },
  {
    title: "a console socket for a container without a terminal",
    args: ["create", "--bundle", "{bundle}", "--console-socket", "{directory}/nowhere.sock", "{id}"],
    says: /console.socket/i,
  },
  {
    title: "a terminal without a console socket",
    edit: (config) => {
      config.process.terminal = true;
    },
    says: /console.socket/i,
  },
  {
    title: "a terminal and a console socket that nobody listens on",
    args: ["create", "--bundle", "{bundle}", "--console-socket", "{directory}/nowhere.sock", "{id}"],
    edit: (config) => {
      config.process.terminal = true;
    },
    says: /nowhere\.sock|console.socket/i,
  },
  {
    title: "a state root that is a file",
    args: ["--root", "/etc/passwd", "create", "--bundle", "{bundle}", "{id}"],
    says: /not a directory/i,
  },
];
