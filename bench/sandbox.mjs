// Runs a script of this folder again inside a sandbox: private cgroups (layout `v1` or `hybrid`), mounts and pids.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

const mark = "TSRUN_IN_SANDBOX";

/** Answers true inside the sandbox; outside, runs `script` there and answers its exit status. */
export function enterSandbox(layout, script, args) {
  if (process.env[mark] === layout) return true;
  const entrance = process.env.TSRUN_SANDBOX ?? join(resolve(import.meta.dirname, ".."), "conformance/sandbox.sh");
  if (!existsSync(entrance)) throw new Error(`${entrance} does not exist`);
  // bash stays and reaps: pid 1 of the sandbox inherits every init that a runtime leaves behind
  const command = [layout, "bash", "-c", '"$@"; exit $?', "bash", process.execPath, script, ...args];
  const { status, error } = spawnSync(entrance, command, { stdio: "inherit", env: { ...process.env, [mark]: layout } });
  if (error !== undefined) throw error;
  return status ?? 1;
}
