import assert from "node:assert/strict";
import { test } from "node:test";
import { isVerb, optionsOf, verbs } from "../../../src/core/command/grammar.js";
import { programHelp, verbHelp } from "../../../src/core/command/help.js";

test("help begins as the help of runc does and names every verb", () => {
  const text = programHelp();
  assert.match(text, /^NAME:\n {3}tsrun - Open Container Initiative runtime\n/);
  for (const verb of Object.keys(verbs)) assert.match(text, new RegExp(`^ {3}${verb} +[a-z]`, "m"));
});

for (const verb of Object.keys(verbs).filter(isVerb)) {
  test(`help of ${verb} names each of its options and operands, within 120 columns`, () => {
    const text = verbHelp(verb);
    for (const name of Object.keys(optionsOf(verb))) assert.match(text, new RegExp(`--${name}( [A-Z:]+)? +[a-z]`));
    for (const { name } of verbs[verb].operands) assert.ok(text.includes(name));
    for (const line of text.split("\n")) assert.ok(line.length <= 120, line);
  });
}
