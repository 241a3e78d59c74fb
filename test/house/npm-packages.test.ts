import assert from "node:assert/strict";
import { isBuiltin } from "node:module";
import { test } from "node:test";
import { importsOf, isScript, readSources, type Source, type Violation } from "./repository.js";

/** `yargs/helpers` belongs to yargs, `@scope/name/part` to @scope/name. */
function packageOf(specifier: string): string {
  const parts = specifier.split("/");
  return parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
}

function isPackage(specifier: string): boolean {
  return !specifier.startsWith(".") && !isBuiltin(specifier);
}

function importersByPackage(sources: readonly Source[]): ReadonlyMap<string, ReadonlySet<string>> {
  const importers = new Map<string, Set<string>>();
  // A declaration file only describes a package.
  for (const source of sources.filter(({ path }) => !path.endsWith(".d.ts"))) {
    for (const specifier of importsOf(source).filter(isPackage)) {
      const name = packageOf(specifier);
      importers.set(name, (importers.get(name) ?? new Set()).add(source.path));
    }
  }
  return importers;
}

function sharedPackages(sources: readonly Source[]): readonly Violation[] {
  return [...importersByPackage(sources)]
    .filter(([, paths]) => paths.size > 1)
    .map(([name, paths]) => `${name} is imported by ${[...paths].join(" and ")}`);
}

function inCore(sources: readonly Source[]): readonly Violation[] {
  return sources
    .filter((source) => source.path.startsWith("src/core/"))
    .flatMap((source) => importsOf(source).map((specifier) => ({ source, specifier })))
    .filter(({ specifier }) => !specifier.startsWith("."))
    .map(({ source, specifier }) => `${source.path} imports ${specifier}`);
}

test("a package with two importing files is noticed", () => {
  const found = sharedPackages([
    { path: "src/node/main.ts", text: `import yargs from "yargs"; import { open } from "ffi-rs"; import "node:fs";` },
    { path: "src/node/help.ts", text: `import { hideBin } from "yargs/helpers";` },
  ]);
  assert.deepEqual(found, ["yargs is imported by src/node/main.ts and src/node/help.ts"]);
});

test("each npm package has exactly one importing file in src", () => {
  assert.deepEqual(sharedPackages(readSources((path) => path.startsWith("src/") && isScript(path))), []);
});

test("a package or a builtin that the core imports is noticed", () => {
  const found = inCore([
    { path: "src/core/config/read.ts", text: `import { readFileSync } from "node:fs"; import "ajv"; import "./a.js";` },
    { path: "src/core/plan/paths.ts", text: `export { join } from "path";` },
    { path: "src/node/door.ts", text: `import "node:fs";` },
  ]);
  assert.deepEqual(found, [
    "src/core/config/read.ts imports node:fs",
    "src/core/config/read.ts imports ajv",
    "src/core/plan/paths.ts imports path",
  ]);
});

test("the core imports no package and no node module", () => {
  assert.deepEqual(inCore(readSources((path) => path.startsWith("src/core/") && isScript(path))), []);
});
