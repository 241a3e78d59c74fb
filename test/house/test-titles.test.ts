import assert from "node:assert/strict";
import { test } from "node:test";
import ts from "typescript";
import { parse, readSources, walk, type Source, type Violation } from "./repository.js";

const declarers: ReadonlySet<string> = new Set(["test", "it", "describe"]);

/** `test(…)`, `test.skip(…)`, `it(…)`: the name of the declaring function, or undefined for any other call. */
function declarer(call: ts.CallExpression): string | undefined {
  const callee = ts.isPropertyAccessExpression(call.expression) ? call.expression.expression : call.expression;
  return ts.isIdentifier(callee) && declarers.has(callee.text) ? callee.text : undefined;
}

/** The title as it is written; each `${…}` counts as two words: it stands for a row of a table. */
function titleOf(call: ts.CallExpression): string | undefined {
  const title = call.arguments[0];
  if (title === undefined) return undefined;
  if (ts.isStringLiteralLike(title)) return title.text;
  if (!ts.isTemplateExpression(title)) return undefined;
  return [title.head.text, ...title.templateSpans.map((span) => `X X${span.literal.text}`)].join("");
}

function wordlessTitles(sources: readonly Source[]): readonly Violation[] {
  return sources.flatMap((source) => {
    const found: Violation[] = [];
    walk(parse(source), (node) => {
      if (!ts.isCallExpression(node)) return;
      const kind = declarer(node);
      const title = kind === undefined || kind === "describe" ? undefined : titleOf(node);
      if (title === undefined) return;
      if (title.trim().split(/\s+/).length < 3 || title.endsWith(".")) found.push(`${source.path}: ${title}`);
    });
    return found;
  });
}

test("a title that is no sentence is noticed", () => {
  const text = `test("parse", () => {}); test("refuses a NUL", () => {}); it(\`\${name}\`, () => {}); test("It ends.");`;
  const found = wordlessTitles([{ path: "x.test.ts", text }]);
  assert.deepEqual(found, ["x.test.ts: parse", "x.test.ts: X X", "x.test.ts: It ends."]);
});

test("every test has a title that reads as a sentence", () => {
  assert.deepEqual(wordlessTitles(readSources((path) => /\.test\.(ts|mjs)$/.test(path))), []);
});
