// What dist/ holds, as its users find it.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname } from "node:path";
import { type TestContext, suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { readElf } from "./elf.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const tsrun = `${root}dist/tsrun`;
const library = `${root}dist/libtsrun.so`;
const init = `${root}build/tsrun-init`;
const fronts = { tsrun, "tsrun-node": `${root}dist/node/tsrun-node` };

suite("dist/tsrun is one static file", () => {
  test("it asks for no interpreter and no shared library", () => {
    const { interpreter, needed } = readElf(tsrun);
    assert.equal(interpreter, false);
    assert.deepEqual(needed, []);
  });

  test("none of its memory is writable and executable", () => {
    assert.equal(readElf(tsrun).writableCode, 0);
  });

  test("it runs in a root directory that holds nothing else", (t) => {
    if (process.geteuid?.() !== 0) {
      cannotRun(t, "only root can chroot");
      return;
    }
    const empty = scratch(t);
    copyFileSync(tsrun, `${empty}/tsrun`);
    const outside = run(tsrun, ["--version"]);
    assert.equal(outside.status, 0);
    assert.deepEqual(run("chroot", [empty, "/tsrun", "--version"]), outside);
  });

  test("its standard descriptors may be closed", () => {
    assert.equal(run("sh", ["-c", `exec ${tsrun} --version <&- >&- 2>&-`]).status, 0);
  });
});

suite("dist/ beside it", () => {
  test("init is static too, and small enough to copy for every container", () => {
    assert.deepEqual(readElf(init), { interpreter: false, needed: [], writableCode: 0 });
    assert.ok(statSync(init).size < 65_536);
  });

  test("the library has the door's entry", () => {
    const symbols = run("nm", ["--dynamic", "--defined-only", library]).stdout;
    assert.match(symbols, / T tsrun_door$/m);
  });

  test("the executable and the library stay small", (t) => {
    for (const path of [tsrun, library, init]) {
      t.diagnostic(`${path.slice(root.length)}: ${statSync(path).size} bytes`);
    }
    assert.ok(statSync(tsrun).size < 8 << 20);
  });
});

for (const [name, path] of Object.entries(fronts)) {
  test(`${name} takes nothing from its environment or from the working directory`, (t) => {
    const trap = scratch(t);
    const sprung = `${trap}/sprung`;
    const code = `require("node:fs").writeFileSync(${JSON.stringify(sprung)}, "");`;
    const files = {
      "trap.cjs": code,
      "node_modules/yargs/index.js": code,
      "node_modules/ffi-rs/index.js": code,
      "main.js": code,
      ".env": "NODE_OPTIONS=--require=./trap.cjs\nXDG_RUNTIME_DIR=/nowhere\n",
      "package.json": '{"type":"commonjs","main":"trap.cjs"}',
    };
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(`${trap}/${file}`), { recursive: true });
      writeFileSync(`${trap}/${file}`, text);
    }
    const env = {
      NODE_OPTIONS: `--require=${trap}/trap.cjs`,
      NODE_PATH: `${trap}/node_modules`,
      LD_LIBRARY_PATH: trap,
    };
    const trapped = run(path, ["--version"], { cwd: trap, env: { ...process.env, ...env } });
    assert.deepEqual(trapped, run(path, ["--version"]));
    assert.equal(trapped.status, 0);
    assert.equal(existsSync(sprung), false);
  });
}

interface Ending {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(
  program: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Ending {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: "utf8", ...options });
  if (error !== undefined) throw error;
  return { status, stdout, stderr };
}

function scratch(t: TestContext): string {
  const directory = mkdtempSync(`${tmpdir()}/tsrun-build-`);
  t.after(() => {
    rmSync(directory, { recursive: true });
  });
  return directory;
}

function cannotRun(t: TestContext, reason: string): void {
  if (process.env["TSRUN_MUST_RUN"] === "1") assert.fail(reason);
  t.skip(reason);
}
