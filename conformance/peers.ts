// What other runtimes are known not to do. Data, with reasons, in peers.json; never for tsrun itself.
import { spawnSync } from "node:child_process";
import peers from "./peers.json" with { type: "json" };
import type { Layout } from "./options.js";

export interface Peer {
  /** First line of `--version`. */
  readonly version: string;
  /** Layout of cgroups that this runtime needs. */
  readonly layout: Layout | undefined;
  /** Reasons by `chapter/check`. */
  readonly cannot: Readonly<Record<string, string>>;
}

interface Entry {
  /** Beginning of the first line of `--version`. */
  readonly version: string;
  readonly layout?: string;
  readonly cannot: Readonly<Record<string, string>>;
}

/** @throws Error when the runtime cannot be started. */
export function recognise(runtime: readonly string[]): Peer {
  const [program = "", ...args] = runtime;
  const { status, stdout, error } = spawnSync(program, [...args, "--version"], { encoding: "utf8" });
  if (error !== undefined) throw new Error(`${program} cannot be started: ${error.message}`);
  if (status !== 0) throw new Error(`${program} --version ended with ${String(status)}`);
  const version = stdout.split("\n")[0] ?? "";
  const entry = (peers as readonly Entry[]).find((each) => version.startsWith(each.version));
  return {
    version,
    layout: entry?.layout === "v1" ? "v1" : undefined,
    cannot: entry?.cannot ?? {},
  };
}
