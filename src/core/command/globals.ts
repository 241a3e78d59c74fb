import type { Greeting } from "../door.js";
import { TsrunError } from "../error.js";
import type { GlobalValues } from "./grammar.js";

/** The global options, with the state root resolved. */
export type Globals = Omit<GlobalValues, "root"> & {
  /** Absolute path of the directory that holds a directory for each container. */
  readonly root: string;
};

export function resolveGlobals(values: GlobalValues, host: Greeting): Globals {
  const root = absolutePath(host.cwd, values.root ?? defaultRoot(host));
  if (root === "/") throw new TsrunError("usage", "invalid value of --root: expected a directory of its own, found /");
  return { ...values, root };
}

/**
 * `$XDG_RUNTIME_DIR/tsrun` for those who cannot write to /run: other users, and root of a user namespace unless USER says
 * that it is meant as the machine's own root. Podman sets the variable to the empty string when it is root. Under the name of
 * another runtime its directory is meant, and crun obeys the variable for root, too.
 */
function defaultRoot({ env, euid, inUserNamespace, program }: Greeting): string {
  const name = program === "runc" || program === "crun" ? program : "tsrun";
  const runtime = env["XDG_RUNTIME_DIR"] ?? "";
  const rootless = euid !== 0 || name === "crun" || (inUserNamespace && env["USER"] !== "root");
  return runtime !== "" && rootless ? `${runtime}/${name}` : `/run/${name}`;
}

/** Joins path to cwd and removes `.`, `..` and empty components by their spelling, asking no file system. */
export function absolutePath(cwd: string, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith("/") ? path : `${cwd}/${path}`).split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}
