import assert from "node:assert/strict";
import { test } from "node:test";
import { planScheduling } from "../../../src/core/plan/scheduling.js";

const program = { cwd: "/", args: ["true"] };

test("a process without scheduler and ioPriority needs no step", () => {
  assert.deepEqual(planScheduling(program), []);
});

test("what the scheduler does not say is 0", () => {
  assert.deepEqual(planScheduling({ ...program, scheduler: { policy: "SCHED_IDLE" } }), [
    {
      op: "scheduler",
      policy: 5,
      nice: 0,
      priority: 0,
      flags: 0,
      runtime: "0",
      deadline: "0",
      period: "0",
      pointer: "/process/scheduler",
    },
  ]);
});

test("flags are joined, and times stay exact beyond 2^53", () => {
  const [step] = planScheduling({
    ...program,
    scheduler: {
      policy: "SCHED_DEADLINE",
      flags: ["SCHED_FLAG_RESET_ON_FORK", "SCHED_FLAG_RECLAIM"],
      runtime: 1000,
      deadline: 18_446_744_073_709_551_615n,
      period: 3000,
    },
  });
  assert.ok(step?.op === "scheduler");
  assert.deepEqual([step.policy, step.flags, step.deadline], [6, 3, "18446744073709551615"]);
});

test("class and level of I/O priority are one number", () => {
  const value = (ioPriority: Parameters<typeof planScheduling>[0]["ioPriority"]) =>
    planScheduling({ ...program, ...(ioPriority === undefined ? {} : { ioPriority }) });
  assert.deepEqual(value({ class: "IOPRIO_CLASS_BE", priority: 6 }), [
    { op: "ioPriority", value: (2 << 13) | 6, pointer: "/process/ioPriority" },
  ]);
  assert.deepEqual(value({ class: "IOPRIO_CLASS_IDLE" }), [
    { op: "ioPriority", value: 3 << 13, pointer: "/process/ioPriority" },
  ]);
});
