// Private cgroups, mounts and pids for whatever makes many of them; all that is left behind goes with the sandbox.
//   node test/black-box/sandbox.mjs hybrid|v1|v2 COMMAND [ARG...]
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";

const mark = "TSRUN_SANDBOX";
const entrance = resolve(import.meta.dirname, "../../conformance/sandbox.sh");

/** Layout of the sandbox that this process runs in ("hybrid", "v1" or "v2"), or `undefined`. */
export function sandboxLayout() {
  return process.env[mark];
}

/** Runs a command in a new sandbox; answers its exit status. */
export function runInSandbox(layout, command) {
  const env = { ...process.env, [mark]: layout };
  const { status, error } = spawnSync(entrance, [layout, ...command], { stdio: "inherit", env });
  if (error !== undefined) throw error;
  return status ?? 1;
}

if (process.argv[1] === import.meta.filename) process.exitCode = runInSandbox(process.argv[2], process.argv.slice(3));
