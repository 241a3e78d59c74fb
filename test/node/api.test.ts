// The typed API, in the sandbox: npm test -- api
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import * as tsrun from "tsrun";
import { makeBundle } from "../../examples/busybox-bundle.mjs";
import { home, obstacle, production } from "../black-box/runtime.js";

const skip = obstacle(production(), "test -- api");
const options = skip === false ? {} : { skip };

interface Place {
  readonly root: string;
  readonly bundle: string;
}

/** A state root and a bundle whose program is `args`; gone after the test. */
function place(t: TestContext, args: readonly string[], edit?: (config: Config) => void): Place {
  const folder = mkdtempSync(join(tmpdir(), "tsrun-api-"));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  const bundle = join(folder, "bundle");
  makeBundle(bundle, { runtime: production().path, args: [...args] });
  if (edit !== undefined) {
    const path = join(bundle, "config.json");
    const config = JSON.parse(readFileSync(path, "utf8")) as Config;
    edit(config);
    writeFileSync(path, JSON.stringify(config));
  }
  return { root: join(folder, "state"), bundle };
}

interface Config {
  hostname?: unknown;
  process: { [name: string]: unknown };
}

/** The error must be tsrun's own; answers it. */
async function refusal(promise: Promise<unknown>): Promise<tsrun.TsrunError> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof tsrun.TsrunError, String(error));
    return error;
  }
  assert.fail("nothing was refused");
}

async function stopped(id: string, where: Place): Promise<void> {
  for (let turn = 0; turn < 500; turn++) {
    if ((await tsrun.state(id, where)).status === "stopped") return;
    await pause(10);
  }
  assert.fail(`${id} did not stop`);
}

test("a container goes through create, start, kill and delete, and its state says so", options, async (t) => {
  const where = place(t, ["sleep", "1000"]);
  t.after(() => tsrun.delete("life", { ...where, force: true }));
  const pidFile = join(where.bundle, "pid");
  await tsrun.create("life", { ...where, pidFile });
  const created = await tsrun.state("life", where);
  assert.equal(created.status, "created");
  assert.equal(created.bundle, where.bundle);
  assert.equal(String(created.pid), readFileSync(pidFile, "utf8"));
  await tsrun.start("life", where);
  assert.equal((await tsrun.state("life", where)).status, "running");
  assert.deepEqual(
    (await tsrun.list(where)).map(({ id, pid }) => ({ id, pid })),
    [{ id: "life", pid: created.pid }],
  );
  await tsrun.kill("life", 9, where);
  await stopped("life", where);
  await tsrun.delete("life", where);
  assert.deepEqual(await tsrun.list(where), []);
  assert.equal((await refusal(tsrun.state("life", where))).code, "not-found");
});

test("run answers the exit status of the program, or 128 and the signal that ended it", options, async (t) => {
  assert.equal(await tsrun.run("seven", place(t, ["sh", "-c", "exit 7"])), 7);
  // The first process of a pid namespace cannot kill itself: its child does.
  assert.equal(await tsrun.run("killed", place(t, ["sh", "-c", "sh -c 'kill -9 $$'; exit $?"])), 137);
});

test("run with detach answers at once and leaves the container", options, async (t) => {
  const where = place(t, ["sleep", "1000"]);
  t.after(() => tsrun.delete("detached", { ...where, force: true }));
  assert.equal(await tsrun.run("detached", { ...where, detach: true }), 0);
  assert.equal((await tsrun.state("detached", where)).status, "running");
  await tsrun.delete("detached", { ...where, force: true });
  assert.deepEqual(await tsrun.list(where), []);
});

test("exec runs a program in a running container and answers its exit status", options, async (t) => {
  const where = place(t, ["sleep", "1000"]);
  await tsrun.run("entered", { ...where, detach: true });
  try {
    const script = '[ "$A" = 1 ] && [ "$(id -u)" = 5 ] && [ "$(pwd)" = /bin ] && exit 9';
    const how = { ...where, args: ["sh", "-c", script], env: ["A=1"], user: "5:6", cwd: "/bin" };
    assert.equal(await tsrun.exec("entered", how), 9);
    const missing = await refusal(tsrun.exec("entered", { ...where, args: ["no-such-program"] }));
    assert.match(missing.message, /executable file not found in \$PATH/);
    assert.equal((await refusal(tsrun.exec("entered", where))).code, "usage");
  } finally {
    await tsrun.delete("entered", { ...where, force: true });
  }
});

test("plan lists the steps and takes none of them", options, async (t) => {
  const where = place(t, ["true"]);
  const { version, outside, inside } = await tsrun.plan({ ...where, id: "planned" });
  assert.equal(version, 1);
  assert.ok(outside.some(({ op }) => op === "spawn"));
  assert.equal(inside.at(-1)?.op, "execute");
  assert.equal(existsSync(where.root), false);
});

test("an error names the code, the operation, the pointer and the errno", options, async (t) => {
  const wrong = place(t, ["true"], (config) => {
    config.process["cwd"] = 5;
  });
  const config = await refusal(tsrun.create("wrong", wrong));
  assert.deepEqual([config.code, config.pointer], ["config", "/process/cwd"]);
  const missing = place(t, ["no-such-program"]);
  const late = await refusal(tsrun.create("missing", missing));
  assert.deepEqual([late.code, late.errno, late.op], ["config", "ENOENT", "findProgram"]);
  assert.match(late.message, /executable file not found in \$PATH/);
  assert.deepEqual(await tsrun.list(missing), []);
});

test("an id that would leave the state root is refused by every function", options, async (t) => {
  const where = place(t, ["true"]);
  const id = "../life";
  const calls = [tsrun.create, tsrun.start, tsrun.state, tsrun.run, tsrun.delete] as const;
  for (const call of calls) assert.equal((await refusal(call(id, where))).code, "usage", call.name);
  assert.equal((await refusal(tsrun.kill(id, "KILL", where))).code, "usage");
});

test("validate answers all that is wrong with a bundle", options, async (t) => {
  assert.deepEqual(await tsrun.validate(place(t, ["true"])), []);
  const wrong = place(t, ["true"], (config) => {
    config.hostname = 5;
    config.process["apparmorProfile"] = "strict";
  });
  const problems = await tsrun.validate(wrong);
  assert.deepEqual(
    problems.map(({ code, pointer }) => [code, pointer]),
    [
      ["config", "/hostname"],
      ["unsupported", "/process/apparmorProfile"],
    ],
  );
});

test("the example walks through a life with the built package", options, () => {
  const example = join(home, "examples/lifecycle.mjs");
  const { stdout, stderr, status } = spawnSync(process.execPath, [example], { encoding: "utf8" });
  assert.deepEqual([status, stderr], [0, ""]);
  assert.match(stdout, /^planned: \d+ steps outside, \d+ inside$/m);
  assert.match(stdout, /^pid 1 of tsrun$/m);
  // The container writes its line whenever it gets to it.
  const told = stdout.split("\n").filter((line) => /^(after|not-found)/.test(line));
  assert.deepEqual(told, [
    "after create: created",
    "after start: running",
    "after kill: stopped",
    "not-found: container does not exist",
  ]);
});
