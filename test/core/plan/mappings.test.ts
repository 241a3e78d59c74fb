import assert from "node:assert/strict";
import { test } from "node:test";
import type { Config, IdMappings } from "../../../src/core/generated/config.js";
import { maySetGroups, planMappings } from "../../../src/core/plan/mappings.js";
import type { Request, Situation } from "../../../src/core/plan/request.js";

const request: Request = {
  id: "one",
  bundle: "/bundle",
  rootfs: "/bundle/rootfs",
  directory: "/run/tsrun/one",
  root: "/run/tsrun",
  start: "later",
  foreground: false,
  noPivot: false,
  noNewKeyring: false,
  preserve: 0,
  listenFds: 0,
  cgroups: "disabled",
  created: "2026-01-01T00:00:00Z",
  owner: 0,
};
const plainUser = { owner: 1000, rootless: { group: 100, nested: false } };

const extent = (containerID: number, hostID: number, size: number) => ({ containerID, hostID, size });

function situation(caller: Partial<Request>, uidMappings: IdMappings, gidMappings: IdMappings): Situation {
  const config: Config = {
    ociVersion: "1.3.0",
    process: { cwd: "/", args: ["true"] },
    linux: { namespaces: [{ type: "user" }], uidMappings, gidMappings },
  };
  return { config, facts: { cgroup: { hierarchies: [] } }, request: { ...request, ...caller } };
}

test("root writes every extent itself, in one write for each map", () => {
  const two = [extent(0, 5000, 10), extent(10, 7000, 1)];
  assert.deepEqual(planMappings(situation({}, two, two)), [
    { op: "writeMapping", file: "uid_map", text: "0 5000 10\n10 7000 1\n", pointer: "/linux/uidMappings" },
    { op: "writeMapping", file: "gid_map", text: "0 5000 10\n10 7000 1\n", pointer: "/linux/gidMappings" },
  ]);
});

test("a plain user maps its own ids, and gives setgroups up for it", () => {
  const own = situation(plainUser, [extent(0, 1000, 1)], [extent(0, 100, 1)]);
  assert.deepEqual(planMappings(own), [
    { op: "writeMapping", file: "uid_map", text: "0 1000 1\n", pointer: "/linux/uidMappings" },
    { op: "writeMapping", file: "setgroups", text: "deny", pointer: "/linux/gidMappings" },
    { op: "writeMapping", file: "gid_map", text: "0 100 1\n", pointer: "/linux/gidMappings" },
  ]);
  assert.equal(maySetGroups(own), false);
});

test("for more than its own ids a plain user needs the helpers", () => {
  const ids = [extent(0, 1000, 1), extent(1, 100_000, 65_535)];
  const steps = planMappings(situation(plainUser, ids, [extent(0, 101, 1)]));
  assert.deepEqual(steps, [
    {
      op: "mapByHelper",
      program: "newuidmap",
      numbers: ["0", "1000", "1", "1", "100000", "65535"],
      pointer: "/linux/uidMappings",
    },
    { op: "mapByHelper", program: "newgidmap", numbers: ["0", "101", "1"], pointer: "/linux/gidMappings" },
  ]);
  assert.equal(maySetGroups(situation(plainUser, ids, ids)), true);
});
