import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { examine } from "../../src/core/config/read.js";
import { seeded } from "../seeded.js";
import { Mutator } from "./mutations.js";
import { configRefusals, isRounded, plainValidator } from "./ours.js";
import { readNode } from "./places.js";

const vectors = new URL("../vectors/configs/", import.meta.url);
const real = readdirSync(vectors).map((file) => readFileSync(new URL(file, vectors), "utf8"));

test("the validator that create uses and ajv's own keywords give one verdict on 3,000 mutations", async (t) => {
  const validate = await plainValidator("config");
  const mutator = new Mutator(readNode("config"), seeded(3));
  const verdicts = { good: 0, bad: 0 };
  for (let index = 0; index < 3000; index++) {
    const text = mutator.mutate(JSON.parse(real[index % real.length] ?? ""));
    // names that are misspelt are no matter of the schema
    const ours = configRefusals(text).filter(({ expected }) => !expected.startsWith("the name "));
    const notJson = ours.some(({ pointer }) => pointer === "not JSON");
    if (isRounded(text) && !notJson) continue;
    if (notJson) assert.throws(() => JSON.parse(text), text);
    else
      assert.equal(
        ours.length === 0,
        validate(JSON.parse(text)),
        `${text}\n${JSON.stringify([ours, validate.errors])}`,
      );
    verdicts[ours.length === 0 ? "good" : "bad"]++;
  }
  t.diagnostic(`${verdicts.good} good, ${verdicts.bad} bad`);
  assert.ok(verdicts.good > 300 && verdicts.bad > 300);
});

test("all problems of 3,000 mutations can be named, and there are some wherever the schema refuses", () => {
  const mutator = new Mutator(readNode("config"), seeded(5));
  for (let index = 0; index < 3000; index++) {
    const text = mutator.mutate(JSON.parse(real[index % real.length] ?? ""));
    const { problems } = examine(text);
    assert.ok(problems.length >= configRefusals(text).length, text);
    for (const { message } of problems) assert.ok(isPlain(message), JSON.stringify(message));
  }
});

for (const [index, file] of readdirSync(vectors).entries()) {
  test(`a real configuration is as the schema says: ${file}`, () => {
    assert.deepEqual(configRefusals(real[index] ?? ""), []);
  });
}

/** One line, and nothing that steers a terminal. */
function isPlain(message: string): boolean {
  return Array.from(message).every((mark) => mark >= " " && (mark < "\u007f" || mark > "\u009f"));
}
