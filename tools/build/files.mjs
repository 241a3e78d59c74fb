// Writing files without touching those that are the same already, so that what is made from them stays fresh.
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Writes a file if its content differs. By rename: a running executable cannot be written, and readers never see half. */
export function writeIfChanged(path, content, mode = 0o644) {
  const bytes = Buffer.from(content);
  if (read(path)?.equals(bytes)) return;
  mkdirSync(dirname(path), { recursive: true });
  const fresh = `${path}.new`;
  writeFileSync(fresh, bytes, { mode });
  renameSync(fresh, path);
}

/** Removes the files of a directory (not below it) whose names are not in `keep`. */
export function removeOthers(directory, keep) {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.isFile() && !keep.has(entry.name)) rmSync(`${directory}/${entry.name}`);
  }
}

function read(path) {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}
