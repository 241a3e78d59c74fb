// `npm run docs:spec`: writes docs/spec.md, the table of schemas/coverage.json for people. A house test fails when it is stale.
import { writeFileSync } from "node:fs";
import { root } from "./build/paths.mjs";
import { coverage, properties, rowOf } from "./spec/coverage.mjs";

const head = `# The runtime specification, property by property

Every property of \`config.json\` (runtime-spec 1.3, Linux), the file that makes steps of it, and the tests that prove it:
\`chapter/check\` of the conformance suite, or a file of unit tests with a title. Made by \`npm run docs:spec\` from
\`schemas/coverage.json\`; a test of the house fails when a property has no row, when a plan file or a test of a row does not
exist, when a row calls refused what is not refused, and when this page is stale.
`;

/** The page. */
export function page() {
  const rows = properties().map((property) => ({ property, ...coverage[rowOf(property)] }));
  const lines = rows.map((row) => `| \`${row.property}\` | ${plan(row)} | ${proof(row)} |\n`);
  return `${head}\n| property | plan | proof |\n| --- | --- | --- |\n${lines.join("")}`;
}

function plan({ plan: file, refused, ignored }) {
  if (file !== undefined) return `[${file.slice(file.lastIndexOf("/") + 1)}](../${file})`;
  return refused === undefined ? `ignored: ${ignored}` : `refused: ${refused}`;
}

function proof({ tests, untested }) {
  if (tests !== undefined) return tests.join(", ").replaceAll("|", "\\|");
  return untested === true ? "**none yet**" : "";
}

/** How many properties there are of each kind. Not in the page, where every change would change it. */
function sums() {
  const rows = properties().map((property) => coverage[rowOf(property)]);
  const kinds = ["tests", "untested", "refused", "ignored"];
  const counts = kinds.map((kind) => `${rows.filter((row) => row[kind] !== undefined).length} ${kind}`);
  return `${rows.length} properties: ${counts.join(", ")}`;
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(`${root}/docs/spec.md`, page());
  console.log(sums());
}
