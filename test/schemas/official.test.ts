import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { seeded } from "../seeded.js";
import { type Difference, differences, reasonOf } from "./differences.js";
import { Mutator } from "./mutations.js";
import { type Document, findOfficial } from "./official.js";
import { isRounded, refusals } from "./ours.js";
import { readNode } from "./places.js";

const official = findOfficial();
const skip = official === undefined ? "needs Go and the module github.com/opencontainers/runtime-spec" : false;
if (official === undefined && process.env["TSRUN_MUST_RUN"] === "1") throw new Error(skip || "");

interface Verdicts {
  readonly document: Document;
  readonly ours: ReturnType<typeof refusals>;
  readonly theirs: readonly string[];
}

function judge(documents: readonly Document[]): readonly Verdicts[] {
  const answers = official?.judge(documents) ?? [];
  return documents.map((document, index) => ({ document, ours: refusals(document), theirs: answers[index] ?? [] }));
}

/** Why the verdicts differ: a reason for everything that one side refuses and the other does not; undefined where one is missing. */
function explain({ document, ours, theirs }: Verdicts): readonly Difference[] | undefined {
  const { schema } = document;
  const reasons =
    ours.length > 0
      ? ours.map((refusal) => reasonOf(differences.stricter, schema, refusal))
      : theirs.map((pointer) => reasonOf(differences.looser, schema, { pointer, expected: "" }));
  const known = reasons.filter((reason) => reason !== undefined);
  return known.length === reasons.length ? known : undefined;
}

/** Every document on which the verdicts agree, or differ for reasons that are listed. */
function compare(t: TestContext, documents: readonly Document[]): void {
  const verdicts = judge(documents);
  const differing = verdicts.filter(({ ours, theirs }) => (ours.length === 0) !== (theirs.length === 0));
  const unexplained = differing.filter((verdict) => explain(verdict) === undefined);
  const refused = verdicts.filter(({ ours }) => ours.length > 0).length;
  t.diagnostic(`${documents.length} documents, ${refused} refused, ${differing.length} differ for a listed reason`);
  assert.deepEqual(
    unexplained.slice(0, 5).map(({ document, ours, theirs }) => ({ ours, theirs, text: document.text })),
    [],
  );
}

test("runtime-spec's own samples get the verdict that they are filed under", { skip }, () => {
  const samples = official?.samples() ?? [];
  assert.ok(samples.length >= 15, `only ${samples.length} samples`);
  for (const { ours, theirs, document } of judge(samples)) {
    const { name, good } = document as (typeof samples)[number];
    assert.equal(theirs.length === 0, good, `${name}, the official schema`);
    assert.deepEqual(ours.length === 0, good, `${name}: ${JSON.stringify(ours)}`);
  }
});

const vectors = new URL("../vectors/configs/", import.meta.url);

test("10,000 mutations of real configurations get the official verdict", { skip }, (t) => {
  const mutator = new Mutator(readNode("config"), seeded(1));
  const real = readdirSync(vectors).map((file): unknown => JSON.parse(readFileSync(new URL(file, vectors), "utf8")));
  const documents = Array.from({ length: 10_000 }, (_, index) => ({
    schema: "config" as const,
    text: mutator.mutate(real[index % real.length]),
  }));
  compare(t, documents);
});

const small = {
  state: { ociVersion: "1.3.0", id: "a", status: "running", pid: 1, bundle: "/b", annotations: { a: "b" } },
  features: { ociVersionMin: "1.0.0", ociVersionMax: "1.3.0", hooks: ["prestart"], linux: { namespaces: ["pid"] } },
};

for (const schema of ["state", "features"] as const) {
  test(`1,000 mutations of ${schema} get the official verdict`, { skip }, (t) => {
    const mutator = new Mutator(readNode(schema), seeded(2));
    const documents = Array.from({ length: 1000 }, () => ({ schema, text: mutator.mutate(small[schema]) }));
    compare(
      t,
      documents.filter(({ text }) => !isRounded(text)),
    );
  });
}

for (const difference of [...differences.stricter, ...differences.looser]) {
  const stricter = differences.stricter.includes(difference);
  test(`the verdicts differ at ${difference.schema} ${difference.at[0]} as listed`, { skip }, () => {
    const [verdict] = judge([{ schema: difference.schema, text: JSON.stringify(difference.example) }]);
    assert.ok(verdict !== undefined);
    assert.deepEqual([verdict.ours.length > 0, verdict.theirs.length > 0], [stricter, !stricter]);
    assert.deepEqual(explain(verdict), [difference]);
  });
}
