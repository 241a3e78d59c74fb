// What the suite prints: a heading for each chapter, a line for each check, a sum at the end.
import type { Chapter, Check } from "./chapter.js";

export interface Verdict {
  readonly check: Check;
  readonly result: "passed" | "failed" | "skipped";
  /** Why it failed or was skipped. */
  readonly reason?: string;
  /** Skipped because peers.json says that this runtime cannot do it. */
  readonly excused?: boolean;
}

const marks = { passed: "ok  ", failed: "FAIL", skipped: "skip" };

export function printChapter(chapter: Chapter, verdicts: readonly Verdict[]): void {
  const lines = verdicts.map(({ check, result, reason }) => {
    const line = `  ${marks[result]}  ${check.title}`;
    return reason === undefined ? line : `${line}\n        ${chapter.name}/${check.name}: ${reason}`;
  });
  process.stdout.write(`\n${chapter.title}: ${chapter.about}\n${lines.join("\n")}\n`);
}

/** Prints the sum and answers the exit status. */
export function printSum(verdicts: readonly Verdict[]): number {
  const count = (result: Verdict["result"]) => verdicts.filter((verdict) => verdict.result === result).length;
  const [passed, failed, skipped] = [count("passed"), count("failed"), count("skipped")];
  process.stdout.write(`\n${passed} passed, ${failed} failed, ${skipped} skipped\n`);
  const mustRun = process.env["TSRUN_MUST_RUN"] === "1";
  const unexcused = verdicts.some((verdict) => verdict.result === "skipped" && verdict.excused !== true);
  return failed > 0 || (mustRun && unexcused) ? 1 : 0;
}
