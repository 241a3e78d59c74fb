import assert from "node:assert/strict";
import { test } from "node:test";
import { examine } from "../../../src/core/config/read.js";
import { template } from "../../../src/core/lifecycle/spec.js";
import { capabilities } from "../../../src/core/tables/capabilities.js";
import { namespaceFlags } from "../../../src/core/tables/namespaces.js";
import { rlimits } from "../../../src/core/tables/rlimits.js";

test("the template uses only names that the tables know", () => {
  const { process, linux } = template({ unified: true, rootless: { uid: 1, gid: 2 } });
  for (const set of Object.values(process.capabilities)) for (const name of set) assert.ok(name in capabilities);
  for (const { type } of process.rlimits) assert.ok(type in rlimits);
  for (const { type } of linux.namespaces) assert.ok(type in namespaceFlags);
});

test("a host with cgroup v2 alone gets a cgroup namespace", () => {
  const types = (unified: boolean) => template({ unified }).linux.namespaces.map(({ type }) => type);
  assert.deepEqual(types(false), ["pid", "network", "ipc", "uts", "mount"]);
  assert.deepEqual(types(true), ["pid", "network", "ipc", "uts", "mount", "cgroup"]);
});

test("the template for a caller who is not root asks for nothing that needs privileges", () => {
  const { linux, mounts } = template({ unified: false, rootless: { uid: 1000, gid: 100 } });
  assert.deepEqual(
    linux.namespaces.map(({ type }) => type),
    ["pid", "ipc", "uts", "mount", "user"],
  );
  assert.ok("uidMappings" in linux);
  assert.deepEqual(linux.uidMappings, [{ containerID: 0, hostID: 1000, size: 1 }]);
  assert.deepEqual(linux.gidMappings, [{ containerID: 0, hostID: 100, size: 1 }]);
  assert.equal("resources" in linux, false);
  assert.equal(
    mounts.some(({ type }) => type === "sysfs"),
    false,
  );
  assert.equal(
    mounts.some(({ options }) => options?.includes("gid=5") === true),
    false,
  );
});

for (const unified of [true, false]) {
  for (const rootless of [{}, { rootless: { uid: 1000, gid: 100 } }]) {
    test(`tsrun has nothing against its own template (${JSON.stringify({ unified, ...rootless })})`, () => {
      assert.deepEqual(examine(JSON.stringify(template({ unified, ...rootless }), null, "\t")).problems, []);
    });
  }
}
