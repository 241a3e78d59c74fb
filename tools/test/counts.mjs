// Reads from what a suite printed how many of its tests passed, failed and were skipped.

/** One expression for each dialect that the suites speak; each match adds to the sums. */
const dialects = [
  // node:test, `# pass 3` (tap) or `ℹ pass 3` (spec)
  { pattern: /^[#ℹ] pass (?<passed>\d+)$/gm },
  { pattern: /^[#ℹ] (?:fail|cancelled) (?<failed>\d+)$/gm },
  { pattern: /^[#ℹ] (?:skipped|todo) (?<skipped>\d+)$/gm },
  // cargo test
  { pattern: /^test result: \w+\. (?<passed>\d+) passed; (?<failed>\d+) failed; (?<skipped>\d+) ignored;/gm },
  // our own: the last line of the conformance suite and of this runner
  { pattern: /^(?<passed>\d+) passed, (?<failed>\d+) failed(?:, (?<skipped>\d+) skipped)?$/gm },
];

/** Sums over all summaries in `text`; all zero when there is none. */
export function countTests(text) {
  const sums = { passed: 0, failed: 0, skipped: 0 };
  for (const { pattern } of dialects) {
    for (const { groups } of text.matchAll(pattern)) {
      for (const [name, digits] of Object.entries(groups)) sums[name] += Number(digits ?? 0);
    }
  }
  return sums;
}

/** The titles of skipped tests with their reasons, for the summary. */
export function skippedTitles(text) {
  const tap = text.matchAll(/^\s*ok \d+ - (?<title>.*?) # (?:SKIP|TODO) ?(?<reason>.*)$/gm);
  const spec = text.matchAll(/^\s*﹣ (?<title>.*?) \([\d.]+ms\) # ?(?<reason>.*)$/gm);
  const cargo = text.matchAll(/^test (?<title>\S+) \.\.\. ignored,? ?(?<reason>.*)$/gm);
  return [...tap, ...spec, ...cargo].map(({ groups }) => `${groups.title}: ${groups.reason || "no reason was given"}`);
}

/** `N passed, N failed`, and the skipped ones if there are any. */
export function spellCounts({ passed, failed, skipped }) {
  return [`${passed} passed`, `${failed} failed`, ...(skipped > 0 ? [`${skipped} skipped`] : [])].join(", ");
}
