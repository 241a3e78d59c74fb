// Closed standard descriptors: the runtime works as if they led to /dev/null, and never lets one of its own files take
// their place, since the container would inherit it.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Trial } from "./trial.js";

const closings = ["<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-"];

/** The shell closes the descriptors, then becomes the runtime. Answers its exit status. */
function callClosed(trial: Trial, closing: string, args: readonly string[]): number | null {
  const command = [trial.runtime.path, "--root", trial.root, ...args];
  const script = `exec "$@" ${closing}`;
  return spawnSync("sh", ["-c", script, "sh", ...command], { stdio: "ignore", timeout: 20_000 }).status;
}

export function standardDescriptors(trial: () => Trial): void {
  for (const closing of closings) {
    test(`create with ${closing}: the container has /dev/null or nothing in their place`, async () => {
      const one = trial();
      const before = one.scene();
      const report = join(one.bundle, "report");
      one.configure((config) => {
        // in a subshell: a redirection of process 1 itself would take the place of what is looked at
        const look = "(for fd in 0 1 2; do readlink /proc/1/fd/$fd || echo closed; done) >/tmp/unfinished";
        config.process.args = ["sh", "-c", `${look}; mv /tmp/unfinished /tmp/report`];
        config.mounts.push({ destination: "/tmp", type: "bind", source: one.bundle, options: ["bind"] });
      });
      try {
        assert.equal(callClosed(one, closing, ["create", "--bundle", one.bundle, one.id]), 0);
        one.must("start", "{id}");
        await one.reach("stopped");
      } finally {
        one.tidy();
      }
      const found = readFileSync(report, "utf8").trim().split("\n");
      assert.equal(found.length, 3);
      const closed = [/(^| )<&-/.test(closing), /(^| )>&-/.test(closing), closing.includes("2>&-")];
      for (const [descriptor, target] of found.entries())
        if (closed[descriptor] === true)
          assert.match(target, /^(\/dev\/null|closed)$/, `descriptor ${String(descriptor)}`);
      await one.nothingLeft(before);
    });

    test(`a refused create with ${closing} still has exit status 1`, async () => {
      const one = trial();
      const before = one.scene();
      one.write("null");
      assert.equal(callClosed(one, closing, ["create", "--bundle", one.bundle, one.id]), 1);
      await one.nothingLeft(before);
    });
  }
}
