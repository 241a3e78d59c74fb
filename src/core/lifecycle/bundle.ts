import { absolutePath } from "../command/globals.js";
import { readConfig } from "../config/read.js";
import type { Door } from "../door.js";
import { TsrunError } from "../error.js";
import type { Config } from "../generated/config.js";
import { processOf } from "../plan/process.js";
import type { Request, Situation } from "../plan/request.js";
import { rfc3339 } from "../time.js";
import { activation, givenPath } from "./given.js";
import { rareOf } from "./rare.js";
import { checkTerminal } from "./terminal.js";
import type { Context } from "./verb.js";

/** How the container is to be started; see {@link Request}. */
export interface Start {
  readonly id: string;
  readonly start: Request["start"];
  readonly foreground: boolean;
}

/** Reads the bundle and everything else that planning needs. */
export async function situationOf(context: Context, how: Start): Promise<Situation> {
  const { door, host, globals, options } = context;
  const bundle = canonicalBundle(context);
  const config = readConfig(door.readConfig(absolutePath(bundle, options.config ?? "config.json")));
  const listenFds = activation(host);
  const request: Request = {
    ...how,
    bundle,
    rootfs: rootfsOf(context, bundle, config),
    directory: `${globals.root}/${how.id}`,
    root: globals.root,
    ...givenPath("pidFile", host.cwd, options["pid-file"]),
    ...givenPath("consoleSocket", host.cwd, options["console-socket"]),
    ...givenPath("pidfdSocket", host.cwd, options["pidfd-socket"]),
    noPivot: options["no-pivot"] === true,
    noNewKeyring: options["no-new-keyring"] === true,
    preserve: (options["preserve-fds"] ?? 0) + listenFds,
    listenFds,
    ...(host.env["TSRUN_NOFILE"] === undefined ? {} : { nofile: host.env["TSRUN_NOFILE"] }),
    cgroups: globals["cgroup-manager"] ?? (globals["systemd-cgroup"] === true ? "systemd" : "cgroupfs"),
    created: rfc3339(door.now()),
    owner: host.euid,
    ...rootless(context),
  };
  const facts = door.facts();
  const unit =
    request.cgroups === "systemd" && (await import("../plan/systemd.js")).unitOf(config, facts, how.id, host);
  const situation = { config, facts, request, ...(await rareOf(config)), ...(unit === false ? {} : { unit }) };
  checkTerminal(processOf(situation), request);
  return situation;
}

/** As the caller says, or as it is: root of a user namespace is not root of the machine. */
function rootless({ host, globals }: Context): Pick<Request, "rootless"> {
  const said = globals.rootless ?? "auto";
  const is = said === "auto" ? host.euid !== 0 || host.inUserNamespace : said === "true";
  return is ? { rootless: { group: host.egid, nested: host.inUserNamespace } } : {};
}

export function canonicalBundle({ door, host, options }: Context): string {
  return door.canonicalPath(absolutePath(host.cwd, options.bundle ?? "."));
}

/** config.md, "Root": a directory, relative to the bundle or absolute; the last component is no symlink. */
export function rootfsOf({ door }: Context, bundle: string, config: Config): string {
  const pointer = "/root/path";
  const wanted = config.root?.path;
  if (wanted === undefined || wanted === "")
    throw new TsrunError("config", `config.json: ${pointer}: expected a directory, found nothing`, { pointer });
  const lexical = absolutePath(bundle, wanted);
  const parent = lexical.slice(0, lexical.lastIndexOf("/"));
  const name = lexical.slice(lexical.lastIndexOf("/"));
  const found = canonical(door, lexical, pointer);
  const expected = `${canonical(door, parent === "" ? "/" : parent, pointer)}${name}`.replace("//", "/");
  if (found !== expected)
    throw new TsrunError("config", `config.json: ${pointer}: expected a directory, found a symlink: ${lexical}`, {
      pointer,
    });
  return found;
}

function canonical(door: Door, path: string, pointer: string): string {
  try {
    return door.canonicalPath(path);
  } catch (error) {
    if (!(error instanceof TsrunError)) throw error;
    const found = error.errno === "ENOENT" ? `nothing: ${path}: no such file or directory` : error.message;
    throw new TsrunError("config", `config.json: ${pointer}: expected a directory, found ${found}`, {
      pointer,
      errno: error.errno,
      cause: error,
    });
  }
}
