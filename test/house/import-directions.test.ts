import assert from "node:assert/strict";
import { test } from "node:test";
import { importsOf, isScript, readSources, resolveImport, type Source, type Violation } from "./repository.js";

/**
 * The rooms of src/, the lowest first. A file imports from its own floor or from a lower one; the first prefix that
 * fits a path decides. A new folder has to find its floor here.
 */
const floors: readonly (readonly [floor: number, prefix: string])[] = [
  [0, "src/core/generated/"],
  [0, "src/core/door."],
  [0, "src/core/error."],
  [0, "src/core/time."],
  [0, "src/core/version."],
  [1, "src/core/tables/"],
  [2, "src/core/wire."],
  [2, "src/core/log."],
  [2, "src/core/log-target."],
  [2, "src/core/trace."],
  [2, "src/core/config/"],
  [2, "src/core/command/"],
  [3, "src/core/plan/"],
  [4, "src/core/lifecycle/"],
  [5, "src/core/dispatch."],
  [6, "src/core/main."],
  [7, "src/node/"],
  [7, "src/embedded/"],
];

function floorOf(path: string): number | undefined {
  return floors.find(([, prefix]) => path.startsWith(prefix))?.[0];
}

function upwardImports(sources: readonly Source[]): readonly Violation[] {
  return sources.flatMap((source) => {
    const own = floorOf(source.path);
    if (own === undefined) return [`${source.path}: stands on no known floor`];
    return importsOf(source).flatMap((specifier) => {
      const target = resolveImport(source, specifier);
      if (target?.startsWith("src/") !== true) return [];
      const other = floorOf(target);
      if (other === undefined) return [`${source.path}: ${target} stands on no known floor`];
      return other <= own ? [] : [`${source.path} (floor ${own}) imports ${target} (floor ${other})`];
    });
  });
}

/** Rooms that must not know each other, although no floor lies between them. */
const strangers: readonly (readonly [from: string, to: string])[] = [
  ["src/node/", "src/embedded/"],
  ["src/embedded/", "src/node/"],
  ["src/core/config/", "src/core/command/"],
  ["src/core/command/", "src/core/config/"],
  ["src/core/plan/", "src/core/command/"],
  ["src/", "test/"],
  ["src/", "conformance/"],
  ["src/", "tools/"],
  ["conformance/", "src/"],
  ["conformance/", "native/"],
  ["conformance/", "dist/"],
  ["conformance/", "test/"],
];

function forbiddenImports(sources: readonly Source[]): readonly Violation[] {
  return sources.flatMap((source) =>
    importsOf(source).flatMap((specifier) => {
      const target = resolveImport(source, specifier);
      const hit = strangers.some(([from, to]) => source.path.startsWith(from) && target?.startsWith(to) === true);
      return hit ? [`${source.path} imports ${specifier}`] : [];
    }),
  );
}

function source(path: string, text: string): Source {
  return { path, text };
}

test("an import from a lower floor to a higher one is noticed", () => {
  const found = upwardImports([
    source("src/core/plan/mounts.ts", `import { create } from "../lifecycle/create.js";`),
    source("src/core/tables/errno.ts", `export type { Plan } from "../plan/plan.js";`),
    source("src/core/lifecycle/run.ts", `import { plan } from "../plan/plan.js";`),
    source("src/core/lifecycle/list.ts", `const front = import("../../node/main.js");`),
    source("src/core/drawer/odds.ts", ""),
  ]);
  assert.deepEqual(found, [
    "src/core/plan/mounts.ts (floor 3) imports src/core/lifecycle/create.js (floor 4)",
    "src/core/tables/errno.ts (floor 1) imports src/core/plan/plan.js (floor 3)",
    "src/core/lifecycle/list.ts (floor 4) imports src/node/main.js (floor 7)",
    "src/core/drawer/odds.ts: stands on no known floor",
  ]);
});

test("imports in src go from fronts to lifecycle to plan to config to tables, never back", () => {
  assert.deepEqual(upwardImports(readSources((path) => path.startsWith("src/") && isScript(path))), []);
});

test("an import between two rooms that must not know each other is noticed", () => {
  const found = forbiddenImports([
    source("conformance/chapters/pid.ts", `import { plan } from "../../src/core/plan/plan.js";`),
    source("src/embedded/main.ts", `import "../node/main.js";`),
    source("conformance/run.ts", `import "./chapters/pid.js";`),
  ]);
  assert.deepEqual(found, [
    "conformance/chapters/pid.ts imports ../../src/core/plan/plan.js",
    "src/embedded/main.ts imports ../node/main.js",
  ]);
});

test("conformance knows only the runtime's command, and neither front knows the other", () => {
  const rooms = /^(src|conformance)\//;
  assert.deepEqual(forbiddenImports(readSources((path) => rooms.test(path) && isScript(path))), []);
});
