import assert from "node:assert/strict";
import { test } from "node:test";
import { absolutePath, resolveGlobals } from "../../../src/core/command/globals.js";
import type { Greeting } from "../../../src/core/door.js";
import { memoryDoor } from "../memory-door.js";

function rootFor(host: Partial<Greeting>, root?: string): string {
  return resolveGlobals(root === undefined ? {} : { root }, memoryDoor(host).door.hello()).root;
}

test("root of the machine keeps its state in /run, whatever XDG_RUNTIME_DIR says", () => {
  assert.equal(rootFor({}), "/run/tsrun");
  assert.equal(rootFor({ env: { XDG_RUNTIME_DIR: "/run/user/0" } }), "/run/tsrun");
});

test("another user, and root of a user namespace, keep it in XDG_RUNTIME_DIR", () => {
  const env = { XDG_RUNTIME_DIR: "/run/user/7" };
  assert.equal(rootFor({ euid: 7, env }), "/run/user/7/tsrun");
  assert.equal(rootFor({ inUserNamespace: true, env }), "/run/user/7/tsrun");
  assert.equal(rootFor({ inUserNamespace: true, env: { ...env, USER: "ann" } }), "/run/user/7/tsrun");
  assert.equal(rootFor({ inUserNamespace: true, env: { ...env, USER: "root" } }), "/run/tsrun");
});

test("an empty XDG_RUNTIME_DIR is as good as none", () => {
  assert.equal(rootFor({ euid: 7, env: { XDG_RUNTIME_DIR: "" } }), "/run/tsrun");
});

test("--root is made absolute", () => {
  assert.equal(rootFor({ cwd: "/a/b" }, "../c"), "/a/c");
});

for (const root of ["/", "//", "/.", "/x/..", "/../.."]) {
  test(`the root directory ${root} is refused as --root`, () => {
    assert.throws(() => rootFor({}, root), { code: "usage" });
  });
}

test("a path is joined to the current directory and cleaned by its spelling", () => {
  assert.equal(absolutePath("/a", "b//./c/"), "/a/b/c");
  assert.equal(absolutePath("/a", "/b/../../c"), "/c");
  assert.equal(absolutePath("/", "x"), "/x");
});
