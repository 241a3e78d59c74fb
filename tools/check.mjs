// `npm run check [-- STEP…]`: format, lint, types and clippy. Every step runs, whatever the one before it said.
import { spawnSync } from "node:child_process";
import { native, root } from "./build/paths.mjs";

const npm = (name, ...args) => ({ program: `${root}/node_modules/.bin/${name}`, args, cwd: root });
const cargo = (...args) => ({ program: "cargo", args, cwd: native });

const clippy = (...what) => cargo("clippy", "--quiet", "--locked", ...what, "--", "--deny", "warnings");

/** What the types and the Rust code are made from has to be there before they can be checked; tests import the package. */
const preparation = {
  program: process.execPath,
  args: ["tools/build.mjs", "generate", "bundle", "init", "node"],
  cwd: root,
};

const steps = {
  prepare: [preparation],
  format: [npm("prettier", "--check", "--cache", "--log-level=warn", "."), cargo("fmt", "--all", "--check")],
  lint: [npm("eslint", "--cache", "--cache-location=node_modules/.cache/eslint/", ".")],
  types: ["tsconfig.json", "src/core", "src/embedded"].map((project) => npm("tsc", "-p", project)),
  // init apart from the rest: it has no standard library, and features are united over all that is named in one call.
  clippy: [clippy("--workspace", "--exclude=tsrun-init", "--all-targets"), clippy("--package=tsrun-init", "--bins")],
};

const named = process.argv.slice(2);
const unknown = named.find((name) => !Object.hasOwn(steps, name));
if (unknown !== undefined) {
  console.error(`check: unknown step ${unknown}: expected ${Object.keys(steps).join(", ")}`);
  process.exit(2);
}

const failed = [];
for (const [name, commands] of Object.entries(steps)) {
  if (named.length > 0 && !named.includes(name)) continue;
  const begun = performance.now();
  const good = commands.map(succeeds).every(Boolean);
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  console.log(`${good ? "ok    " : "FAILED"} ${name.padEnd(8)} ${seconds.padStart(6)} s`);
  if (!good) failed.push(name);
}
if (failed.length > 0) {
  console.log(`check: failed: ${failed.join(", ")}`);
  process.exit(1);
}

function succeeds({ program, args, cwd }) {
  const result = spawnSync(program, args, { cwd, stdio: ["ignore", 1, 2] });
  if (result.error !== undefined) console.error(`check: ${program}: ${result.error.message}`);
  return result.status === 0;
}
