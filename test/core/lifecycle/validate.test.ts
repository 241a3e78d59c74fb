import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { TsrunError } from "../../../src/core/error.js";
import { validate } from "../../../src/core/lifecycle/validate.js";
import { memoryDoor } from "../memory-door.js";

const weak = readFileSync(new URL("../../vectors/configs/runc-spec.json", import.meta.url), "utf8");

/** The same with all that advice asks for. */
const good = (() => {
  const config = JSON.parse(weak) as { process: { user: object }; linux: Record<string, unknown> };
  config.process.user = { uid: 1000, gid: 1000 };
  const { namespaces, resources } = config.linux as { namespaces: object[]; resources: object };
  config.linux["namespaces"] = [
    ...namespaces.filter((one) => !JSON.stringify(one).includes("cgroup")),
    { type: "cgroup" },
  ];
  config.linux["resources"] = { ...resources, pids: { limit: 100 }, memory: { limit: 100_000_000 } };
  config.linux["seccomp"] = { defaultAction: "SCMP_ACT_ERRNO" };
  return JSON.stringify(config, null, 2);
})();

/** Calls the verb for a bundle at /b with this config.json; its rootfs exists, or is a link to elsewhere. */
async function call(text: string, options: object = {}, rootfs = "/b/rootfs") {
  const { door, memory } = memoryDoor(
    {},
    {
      canonicalPath: (path) => (path === "/b/rootfs" ? rootfs : path),
      readConfig(path) {
        assert.equal(path, "/b/config.json");
        return text;
      },
    },
  );
  const globals = { root: "/run/tsrun" } as never;
  const status = await validate({
    door,
    host: door.hello(),
    globals,
    options: { bundle: "/b", ...options },
    operands: [],
  });
  return { status, stdout: memory.stdout, stderr: memory.stderr };
}

test("validate is silent about a good bundle", async () => {
  assert.deepEqual(await call(good), { status: 0, stdout: "", stderr: "" });
  assert.deepEqual(await call(good, { json: true }), { status: 0, stdout: "[]\n", stderr: "" });
});

test("validate tells what weakens a container, and fails for it only with --strict", async () => {
  const { status, stdout } = await call(weak);
  assert.equal(status, 0);
  const line =
    "config.json: /linux/seccomp: advice (medium): no filter stands between the program and the system calls that it " +
    "never needs; give a profile that forbids by default, such as an engine's";
  assert.ok(stdout.split("\n").includes(line), stdout);
  assert.equal((await call(weak, { strict: true })).status, 1);
  assert.equal((await call(good, { strict: true })).status, 0);
});

test("validate says of a member that is wrong only that it is wrong", async () => {
  const { stdout } = await call(good.replace('"noNewPrivileges": true', '"noNewPrivileges": 1'));
  assert.equal(stdout, "config.json: /process/noNewPrivileges: expected a boolean, found 1\n");
});

test("validate --json gives each advice's pointer, severity, reason and remedy", async () => {
  const { stdout } = await call(good.replace('"noNewPrivileges": true', '"noNewPrivileges": false'), { json: true });
  assert.deepEqual(JSON.parse(stdout), [
    {
      pointer: "/process/noNewPrivileges",
      code: "advice",
      severity: "medium",
      reason: "a set-user-id program of the image gives its caller more power",
      remedy: "set it to true",
      message:
        "config.json: /process/noNewPrivileges: advice (medium): a set-user-id program of the image gives its caller more " +
        "power; set it to true",
    },
  ]);
});

test("validate prints one line for each problem, the rootfs included", async () => {
  const text = good.replace('"uid": 1000', '"uid": "0"').replace('"cwd": "/"', '"cwd": "x"');
  const { status, stdout } = await call(text, {}, "/elsewhere");
  assert.equal(status, 1);
  assert.equal(
    stdout,
    [
      'config.json: /process/user/uid: expected an integer from 0 to 4294967294, found "0"',
      'config.json: /process/cwd: expected an absolute path, found "x"',
      "config.json: /root/path: expected a directory, found a symlink: /b/rootfs",
      "",
    ].join("\n"),
  );
});

test("validate --json gives each problem's pointer, code, sentence, and what was expected and found", async () => {
  const text = good
    .replace('"noNewPrivileges"', '"apparmorProfile": "x", "noNewPrivileges"')
    .replace('"uid": 1000', '"uid": -1');
  const { status, stdout } = await call(text, { json: true });
  assert.equal(status, 1);
  assert.deepEqual(JSON.parse(stdout), [
    {
      pointer: "/process/user/uid",
      code: "config",
      message: "config.json: /process/user/uid: expected an integer from 0 to 4294967294, found -1",
      expected: "an integer from 0 to 4294967294",
      found: "-1",
    },
    {
      pointer: "/process/apparmorProfile",
      code: "unsupported",
      message: "config.json: /process/apparmorProfile: not supported by tsrun yet",
      expected: "nothing that tsrun does not support yet",
      found: '"x"',
    },
  ]);
});

test("validate names the place of a mistake in the text", async () => {
  const { status, stdout } = await call("{]");
  assert.equal(status, 1);
  assert.equal(stdout, "config.json: line 1, column 2: expected a name in double quotes, found ']'\n");
});

test("validate fails as create does where there is no config.json", async () => {
  const error = new TsrunError("kernel", "open /b/config.json: no such file or directory", { errno: "ENOENT" });
  const { door } = memoryDoor(
    {},
    {
      canonicalPath: (path) => path,
      readConfig() {
        throw error;
      },
    },
  );
  const context = { door, host: door.hello(), globals: {} as never, options: { bundle: "/b" }, operands: [] };
  await assert.rejects(async () => validate(context), error);
});
