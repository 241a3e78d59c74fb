import assert from "node:assert/strict";
import { test } from "node:test";
import ts from "typescript";
import { isScript, parse, readSources, walk, type Source, type Violation } from "./repository.js";

/** Names that a host lends to programs; a bare engine has none of them, or (Date) they are outside the door. */
const hostNames: ReadonlySet<string> = new Set([
  ...["console", "process", "Buffer", "require", "global", "window", "self", "navigator"],
  ...["setTimeout", "setInterval", "setImmediate", "clearTimeout", "queueMicrotask", "structuredClone"],
  ...["TextEncoder", "TextDecoder", "URL", "URLSearchParams", "AbortController", "Event", "EventTarget"],
  ...["fetch", "crypto", "performance", "Date", "Intl", "Worker", "WebAssembly", "eval", "Function"],
]);

/** A name is only spelled, not used, where it names a member or a property of something else. */
function isMemberName(node: ts.Identifier): boolean {
  const parent = node.parent;
  return (
    (ts.isPropertyAccessExpression(parent) && parent.name === node && !isGlobalThis(parent.expression)) ||
    ((ts.isPropertyAssignment(parent) ||
      ts.isPropertySignature(parent) ||
      ts.isPropertyDeclaration(parent) ||
      ts.isMethodSignature(parent) ||
      ts.isMethodDeclaration(parent)) &&
      parent.name === node) ||
    (ts.isBindingElement(parent) && parent.propertyName === node)
  );
}

function isGlobalThis(node: ts.Node): boolean {
  return ts.isIdentifier(node) && node.text === "globalThis";
}

/** Names that the file itself declares, as a parameter for example, shadow the host's. */
function declaredNames(file: ts.SourceFile): ReadonlySet<string> {
  const names = new Set<string>();
  walk(file, (node) => {
    const declares =
      ts.isVariableDeclaration(node) ||
      ts.isParameter(node) ||
      ts.isBindingElement(node) ||
      ts.isFunctionDeclaration(node) ||
      ts.isImportSpecifier(node);
    if (declares && node.name !== undefined && ts.isIdentifier(node.name)) names.add(node.name.text);
  });
  return names;
}

function hostUses(sources: readonly Source[]): readonly Violation[] {
  return sources.flatMap((source) => {
    const file = parse(source);
    const declared = declaredNames(file);
    const found: Violation[] = [];
    walk(file, (node) => {
      if (!ts.isIdentifier(node) || !hostNames.has(node.text) || declared.has(node.text) || isMemberName(node)) return;
      const line = file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
      found.push(`${source.path}:${line} uses ${node.text}`);
    });
    return found;
  });
}

test("a host's global in the core is noticed, a member or a local of the same name is not", () => {
  const text = [
    `console.log("x");`,
    `const now = Date.now();`,
    `globalThis.process.exit();`,
    `const config = { process: 1 }; config.process;`,
    `function pid(process: { pid: number }) { return process.pid; }`,
  ];
  const at = (line: number) => ({ path: `line-${line}.ts`, text: text[line - 1] ?? "" });
  assert.deepEqual(hostUses([1, 2, 3, 4, 5].map(at)), [
    "line-1.ts:1 uses console",
    "line-2.ts:1 uses Date",
    "line-3.ts:1 uses process",
  ]);
});

test("the core uses no global of any host", () => {
  assert.deepEqual(hostUses(readSources((path) => path.startsWith("src/core/") && isScript(path))), []);
});
