// Something of the machine that no container may touch: afterwards it must be what it was, to the last time stamp.
import { lstatSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { equal } from "../expect.js";
import { mountsBelow } from "../host.js";
import type { Trial } from "../trial.js";

export interface Witness {
  /** A folder outside of every bundle, with a file and a folder in it. */
  readonly folder: string;
  /** The file in it. */
  readonly file: string;
  /** Fails when anything below the folder was made, removed, written, given away, or mounted over. */
  readonly unchanged: () => void;
}

/** Text of the witness's file: what contains it has been read from there. */
export const treasure = "the machine's own\n";

export function witness(t: Trial): Witness {
  const folder = t.folder("witness");
  t.folder("witness/folder");
  const file = join(folder, "file");
  writeFileSync(file, treasure);
  const before = describe(folder);
  return {
    folder,
    file,
    unchanged: () => {
      const now = describe(folder);
      equal("changed among the machine's own files", different(now, before), different(before, now));
      equal("mounts over the machine's own files", mountsBelow(folder), []);
    },
  };
}

const different = (lines: readonly string[], others: readonly string[]) =>
  lines.filter((line) => !others.includes(line));

/** A line for each file: kind and mode, owner, times, content. Reading changes none of it. */
function describe(path: string): string[] {
  const { mode, uid, gid, nlink, mtimeMs, ctimeMs } = lstatSync(path);
  const line = [path, mode.toString(8), uid, gid, nlink, mtimeMs, ctimeMs].join(" ");
  switch (mode & 0o170000) {
    case 0o040000:
      return [line, ...readdirSync(path).flatMap((name) => describe(join(path, name)))];
    case 0o100000:
      return [`${line} ${readFileSync(path, "utf8")}`];
    case 0o120000:
      return [`${line} ${readlinkSync(path)}`];
    default:
      return [line];
  }
}
