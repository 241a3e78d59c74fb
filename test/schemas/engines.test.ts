import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { examine } from "../../src/core/config/read.js";
import { seeded } from "../seeded.js";
import { Mutator } from "./mutations.js";
import { readNode } from "./places.js";

const program = fileURLToPath(new URL("../../dist/tsrun", import.meta.url));
const skip = existsSync(program) ? false : "needs dist/tsrun";
if (skip !== false && process.env["TSRUN_MUST_RUN"] === "1") throw new Error(skip);

const vectors = new URL("../vectors/configs/", import.meta.url);
const real = readdirSync(vectors).map((file) => readFileSync(new URL(file, vectors), "utf8"));

/** Where engines were seen to differ: numbers beside bigint, and what their JSON parsers let pass. */
const delicate = [
  ...[
    "-2147483648",
    "-2147483649",
    "-9007199254740991",
    "-9223372036854775808",
    "-9223372036854775809",
    "-0",
    "1e3",
    "1e400",
  ],
  ...[
    "18446744073709551615",
    "01",
    "0x1",
    "1_0",
    "+1",
    ".5",
    "1.",
    "NaN",
    "Infinity",
    "undefined",
    "'x'",
    "/**/1",
    '"\\v"',
    '"\\u{41}"',
  ],
].map((lexeme) => `{"ociVersion":"1.0.0","linux":{"timeOffsets":{"boottime":{"secs":${lexeme}}}}}`);

test("the executable's engine finds in 150 texts what Node finds", { skip }, (t) => {
  const mutator = new Mutator(readNode("config"), seeded(6));
  const mutated = Array.from({ length: 128 }, (_, index) =>
    mutator.mutate(JSON.parse(real[index % real.length] ?? "")),
  );
  const bundle = mkdtempSync(`${tmpdir()}/tsrun-engines-`);
  t.after(() => {
    rmSync(bundle, { recursive: true });
  });
  mkdirSync(`${bundle}/rootfs`);
  for (const text of [...delicate, ...mutated]) {
    // half a surrogate pair cannot be written to a file
    if (Buffer.from(text).toString() !== text) continue;
    writeFileSync(`${bundle}/config.json`, text);
    const { stdout, stderr } = spawnSync(program, ["validate", "--bundle", bundle], { encoding: "utf8" });
    const lines = examine(text).problems.map(({ message }) => `config.json: ${message}`);
    // the path of the rootfs is not the reader's business, nor is advice
    const printed = stdout
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("config.json: /root/path: expected a directory"))
      .filter((line) => !line.includes(": advice ("));
    assert.deepEqual([printed, stderr], [lines, ""], text);
  }
});
