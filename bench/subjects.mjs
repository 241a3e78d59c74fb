// The runtimes that are compared, and how each is found.
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

const home = resolve(import.meta.dirname, "..");

function inPath(name) {
  const directories = (process.env.PATH ?? "").split(":").concat("/usr/sbin", "/sbin");
  return directories.map((directory) => join(directory, name)).find((path) => existsSync(path));
}

const built = (path) => (path !== undefined && existsSync(path) ? path : undefined);

/** Every subject: `share` is the part of the runs it gets, since one that is ten times slower needs fewer of them. */
export const subjects = [
  { name: "tsrun", path: built(join(home, "dist/tsrun")), share: 1, missing: "npm run build" },
  { name: "tsrun-node", path: built(join(home, "dist/node/tsrun-node")), share: 0.25, missing: "npm run build" },
  { name: "crun", path: inPath("crun"), share: 1, missing: "apt-get install crun" },
  { name: "runc", path: inPath("runc"), share: 0.5, missing: "apt-get install runc" },
];
