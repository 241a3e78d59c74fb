// Which runtimes the black-box tests drive, and what happens to a test that cannot run here.
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { sandboxLayout } from "./sandbox.mjs";

export const home = resolve(import.meta.dirname, "../..");

export interface Runtime {
  readonly name: string;
  readonly path: string;
}

/** The two fronts of tsrun, or the one runtime that TSRUN_RUNTIME names by its path. */
export function fronts(): readonly Runtime[] {
  const asked = process.env["TSRUN_RUNTIME"];
  if (asked !== undefined) return [{ name: asked.split("/").at(-1) ?? asked, path: resolve(asked) }];
  return [
    { name: "tsrun", path: join(home, "dist/tsrun") },
    { name: "tsrun-node", path: join(home, "dist/node/tsrun-node") },
  ];
}

/** The production front alone, or what TSRUN_RUNTIME names. */
export function production(): Runtime {
  const [first] = fronts();
  if (first === undefined) throw new Error("no runtime");
  return first;
}

/** `false`, or why a test cannot run here; with TSRUN_MUST_RUN=1 that is an error. */
export function obstacle(runtime: Runtime, script: string): string | false {
  const reason = !existsSync(runtime.path)
    ? `${runtime.path} is not built`
    : process.geteuid?.() !== 0
      ? "needs root"
      : sandboxLayout() === undefined
        ? `runs in a sandbox: npm run ${script}`
        : false;
  return mustRun(reason);
}

export function mustRun(reason: string | false): string | false {
  if (reason !== false && process.env["TSRUN_MUST_RUN"] === "1") throw new Error(`cannot run: ${reason}`);
  return reason;
}
