import assert from "node:assert/strict";
import { test } from "node:test";
import { examine } from "../../../src/core/config/read.js";
import { planListener } from "../../../src/core/plan/seccomp-listener.js";
import { planSeccomp } from "../../../src/core/plan/seccomp.js";
import type { Seccomp } from "../../../src/core/generated/config.js";
import type { ProcessScene } from "../../../src/core/plan/process.js";

const notify = { names: ["mkdir"], action: "SCMP_ACT_NOTIFY" } as const;

function complaints(seccomp: object): string[] {
  const config = {
    ociVersion: "1.3.0",
    process: { cwd: "/", args: ["sh"] },
    root: { path: "rootfs" },
    linux: { namespaces: [{ type: "mount" }], seccomp: { defaultAction: "SCMP_ACT_ALLOW", ...seccomp } },
  };
  return examine(JSON.stringify(config)).problems.map(({ pointer, message }) => `${pointer} ${message}`);
}

function flagsOf(seccomp: Partial<Seccomp>): number {
  const config = { linux: { seccomp: { defaultAction: "SCMP_ACT_ALLOW", ...seccomp } } };
  const [step] = planSeccomp({ config, request: { root: "/run" } } as unknown as ProcessScene);
  return step?.op === "seccomp" ? step.profile.flags : -1;
}

test("an agent needs a path, and neither every call nor write can be handed to it", () => {
  const rows: [object, RegExp][] = [
    [{ syscalls: [notify] }, /\/listenerPath.*seccomp listenerPath is not set/],
    [{ syscalls: [notify], listenerPath: "relative" }, /\/listenerPath.*absolute/],
    [{ defaultAction: "SCMP_ACT_NOTIFY", listenerPath: "/a" }, /\/defaultAction.*cannot be used as default action/],
    [
      { syscalls: [{ names: ["read", "write"], action: "SCMP_ACT_NOTIFY" }], listenerPath: "/a" },
      /\/syscalls\/0.*SCMP_ACT_NOTIFY cannot be used for the write syscall/,
    ],
    [{ listenerMetadata: "x" }, /\/listenerMetadata/],
    [{ syscalls: [{ ...notify, errnoRet: 1 }], listenerPath: "/a" }, /\/syscalls\/0\/errnoRet/],
  ];
  for (const [seccomp, words] of rows) {
    const found = complaints(seccomp);
    assert.equal(found.length, 1, JSON.stringify(found));
    assert.match(found[0] ?? "", words);
  }
  assert.deepEqual(complaints({ syscalls: [notify], listenerPath: "/a", listenerMetadata: "x" }), []);
  assert.deepEqual(complaints({ listenerPath: "/a" }), []);
});

test("a listener is asked for where an agent is, and how it is waited for only there", () => {
  const [specAllow, newListener, killable] = [0x04, 0x08, 0x20];
  const flags = ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", "SECCOMP_FILTER_FLAG_TSYNC"] as const;
  assert.equal(flagsOf({}), specAllow);
  assert.equal(flagsOf({ flags: [...flags] }), 0);
  assert.equal(flagsOf({ syscalls: [{ ...notify, names: ["mkdir"] }] }), specAllow | newListener);
  assert.equal(flagsOf({ syscalls: [{ ...notify, names: ["mkdir"] }], flags: [...flags] }), newListener | killable);
});

test("the agent is told of the filtered process and of the container's first, which may be another", () => {
  const state = { ociVersion: "1.3.0", id: "one", status: "running", bundle: "/b", annotations: {} };
  const seccomp: Seccomp = {
    defaultAction: "SCMP_ACT_ALLOW",
    listenerPath: "/agent.sock",
    syscalls: [{ ...notify, names: ["mkdir"] }],
  };
  const [step] = planListener(seccomp, { ...state, pid: 7 });
  assert.deepEqual(step, {
    op: "sendListener",
    path: "/agent.sock",
    metadata: "",
    ociVersion: "1.3.0",
    state: JSON.stringify(state),
    pid: 7,
    pointer: "/linux/seccomp/listenerPath",
  });
  assert.deepEqual(planListener({ ...seccomp, syscalls: [] }, state), []);
  assert.deepEqual(planListener(undefined, state), []);
});
