import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Ajv } from "ajv";
import { featuresDocument } from "../../../src/core/lifecycle/features.js";

const document = featuresDocument("2.5.4");

test("the features document is as its schema says", () => {
  const path = new URL("../../../schemas/features.schema.json", import.meta.url);
  const validate = new Ajv({ strict: false }).compile(JSON.parse(readFileSync(path, "utf8")) as object);
  assert.equal(validate(document), true, JSON.stringify(validate.errors));
});

test("what engines switch their own features on by is named only where it is built", () => {
  assert.ok(document.mountOptions.includes("rro"));
  assert.ok(document.linux.namespaces.includes("user"));
  assert.equal(document.linux.mountExtensions.idmap.enabled, document.mountOptions.includes("idmap"));
  assert.ok(document.linux.seccomp.actions.includes("SCMP_ACT_NOTIFY"));
});

test("mount options and namespaces are sorted", () => {
  for (const names of [document.mountOptions, document.linux.namespaces]) assert.deepEqual(names, [...names].sort());
});
