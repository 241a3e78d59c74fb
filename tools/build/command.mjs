// Running other programs.
import { spawnSync } from "node:child_process";

/** Runs a program; what it says goes to stderr, and its failure becomes an error. */
export function run(program, args, { cwd, env = {} } = {}) {
  const result = spawnSync(program, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", 2, 2] });
  if (result.error?.code === "ENOENT") throw new Error(`${program} is not installed: run tools/setup.sh`);
  if (result.error !== undefined) throw result.error;
  if (result.status !== 0) throw new Error(`${program} ${args.join(" ")} failed`);
}
