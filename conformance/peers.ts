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
  /** Layout of the sandbox that this runtime needs. */
  readonly layout?: string;
  /** Words all of which must be true of the run for this entry to count: `v1`, `hybrid`, `v2`, `cgroupfs`, `systemd`, `no-sandbox`. */
  readonly on?: string;
  readonly cannot: Readonly<Record<string, string>>;
}

/**
 * @param surroundings words that are true of this run; see {@link Entry}
 * @throws Error when the runtime cannot be started
 */
export function recognise(runtime: readonly string[], surroundings: readonly string[]): Peer {
  const [program = "", ...args] = runtime;
  const { status, stdout, error } = spawnSync(program, [...args, "--version"], { encoding: "utf8" });
  if (error !== undefined) throw new Error(`${program} cannot be started: ${error.message}`);
  if (status !== 0) throw new Error(`${program} --version ended with ${String(status)}`);
  const version = stdout.split("\n")[0] ?? "";
  const entries = (peers as readonly Entry[]).filter(
    (each) =>
      version.startsWith(each.version) &&
      (each.on ?? "").split(" ").every((word) => word === "" || surroundings.includes(word)),
  );
  return {
    version,
    layout: entries.some(({ layout }) => layout === "v1") ? "v1" : undefined,
    cannot: Object.assign({}, ...entries.map(({ cannot }) => cannot)) as Peer["cannot"],
  };
}
