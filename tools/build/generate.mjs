// Validators and types from schemas/: `npm run generate`, when something in schemas/ is newer than the last run.
import { existsSync, readFileSync, readdirSync, statSync, utimesSync } from "node:fs";
import { run } from "./command.mjs";
import { writeIfChanged } from "./files.mjs";
import { build, root } from "./paths.mjs";

const stamp = `${build}/generated.stamp`;

export function generate() {
  const script = JSON.parse(readFileSync(`${root}/package.json`, "utf8")).scripts?.generate;
  if (script === undefined) throw new Error("package.json has no script named generate");
  const newest = Math.max(
    ...readdirSync(`${root}/schemas`, { recursive: true }).map((name) => changed(`schemas/${name}`)),
  );
  if (existsSync(stamp) && statSync(stamp).mtimeMs >= newest && outputs().every(existsSync)) return;
  const begun = new Date();
  run("npm", ["run", "--silent", "generate"], { cwd: root });
  writeIfChanged(stamp, "");
  // As of before the run: a schema that is edited meanwhile counts as newer.
  utimesSync(stamp, begun, begun);
}

const changed = (name) => statSync(`${root}/${name}`).mtimeMs;

const outputs = () => ["src/core/generated", "native/plan/src/generated"].map((folder) => `${root}/${folder}`);
