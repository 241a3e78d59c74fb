// Where state lies while it is measured: below /run, on a file system in memory, as on every machine that systemd boots. The bench
// runs in a mount namespace of its own; elsewhere /run may be a directory of the disk, whose journal would be measured.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";

/** Makes a directory of this name's kind; `remove` takes it away again. */
export function stateRoot(name) {
  const path = mkdtempSync(`/run/${name}-`);
  execFileSync("mount", ["-t", "tmpfs", "-o", "mode=755", "tmpfs", path]);
  const remove = () => {
    execFileSync("umount", ["-l", path]);
    rmSync(path, { recursive: true, force: true });
  };
  return { path, remove };
}
