// `validate` names all that is wrong at once; create names the first. And numbers that only look wrong are kept exactly.
import assert from "node:assert/strict";
import { test } from "node:test";
import { token, type Trial } from "./trial.js";

export function everythingAtOnce(trial: () => Trial): void {
  test("says everything that is wrong with a bundle", () => {
    const one = trial();
    one.configure((config) => {
      config.process["user"] = { uid: "root", gid: -1 };
      config.process.cwd = "tmp";
      config.process["rlimits"] = [{ type: "RLIMIT_PATIENCE", hard: token("1e400"), soft: 1 }];
      config.root.readonly = "yes" as unknown as boolean;
      config.linux["maskedPaths"] = null;
    });
    const { status, stdout, stderr } = one.call(["validate", "--bundle", "{bundle}"]);
    assert.equal(status, 1);
    const pointers = [
      ...["/process/user/uid", "/process/user/gid", "/process/cwd", "/process/rlimits/0/type"],
      ...["/process/rlimits/0/hard", "/root/readonly", "/linux/maskedPaths"],
    ];
    const lines = (stdout + stderr).split("\n");
    for (const pointer of pointers) {
      const line = lines.find((text) => text.includes(pointer));
      assert.ok(line !== undefined, `${pointer} is not mentioned:\n${stdout}${stderr}`);
      assert.match(line, /expected/);
    }
  });

  test("has nothing to say about a good bundle", () => {
    const one = trial();
    one.configure();
    const { status, stderr } = one.call(["validate", "--bundle", "{bundle}"]);
    assert.equal(stderr, "");
    assert.equal(status, 0);
  });

  test("integers beyond 2^53 reach the kernel exactly", () => {
    const one = trial();
    one.configure((config) => {
      config.process.args = ["cat", "/proc/self/limits"];
      config.process["rlimits"] = [
        { type: "RLIMIT_FSIZE", hard: token("9007199254740993"), soft: token("9007199254740993") },
        { type: "RLIMIT_CORE", hard: token("18446744073709551615"), soft: token("18446744073709551615") },
        { type: "RLIMIT_DATA", hard: token("9223372036854775807"), soft: token("9223372036854775806") },
      ];
    });
    const limits = one.must("run", "--bundle", "{bundle}", "{id}");
    assert.match(limits, /^Max file size +9007199254740993 +9007199254740993 /m);
    assert.match(limits, /^Max core file size +unlimited +unlimited /m);
    assert.match(limits, /^Max data size +9223372036854775806 +9223372036854775807 /m);
  });
}
