// The findings as a table for a terminal, and as docs/conformance.md.

const verdict = ({ failures, skipped }) => (failures.length > 0 ? "fails" : skipped ? "skips" : "passes");

/**
 * `found` is `{runtime: {program: {failures, skipped}}}`, `reasons` `{program: {runtime: {whose, why}}}`, whose being program, machine or
 * runtime or decision. Unexplained is a failure without a reason, and one of tsrun where another runtime passes, unless it is a decision.
 */
export function render(found, reasons, versions = []) {
  const runtimes = Object.keys(found);
  const programs = [...new Set(Object.values(found).flatMap(Object.keys))].sort();
  const rows = programs.map((program) => [program, ...runtimes.map((name) => word(found[name][program]))]);
  const unexplained = programs.flatMap((program) =>
    runtimes.flatMap((name) => {
      const failures = found[name][program]?.failures ?? [];
      if (failures.length === 0) return [];
      const passes = runtimes.some((other) => other !== name && word(found[other][program]) === "passes");
      const reason = reasons[program]?.[name];
      const known = reason !== undefined && !(name.startsWith("tsrun") && passes && reason.whose !== "decision");
      return known ? [] : [`${program}, ${name}: ${failures.join("; ")}`];
    }),
  );
  return {
    table: text(["program", ...runtimes], rows),
    page: page(runtimes, rows, reasons, found, versions),
    unexplained,
  };
}

const word = (one) => (one === undefined ? "" : verdict(one));

function text(head, rows) {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column].length)));
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function page(runtimes, rows, reasons, found, versions) {
  const cells = (row) => `| ${row.join(" | ")} |`;
  const failures = rows.flatMap(([program, ...words]) =>
    words.flatMap((one, at) => {
      if (one !== "fails") return [];
      const { whose = "unknown", why = "" } = reasons[program]?.[runtimes[at]] ?? {};
      const said = found[runtimes[at]][program].failures[0].replaceAll("|", "\\|");
      return [cells([program, runtimes[at], said, whose, why])];
    }),
  );
  return `# The OCI validation programs

What the programs of \`opencontainers/runtime-tools\` say of the runtimes of one machine (${versions.join(", ")}; Linux, cgroup v1 beside
an almost empty v2; crun sees v1 only). \`npm run test:oci -- --write\` makes this page.

${cells(["program", ...runtimes])}
${cells(["---", ...runtimes.map(() => "---")])}
${rows.map(cells).join("\n")}

## Failures, and whose they are

${cells(["program", "runtime", "says", "whose", "why"])}
${cells(["---", "---", "---", "---", "---"])}
${failures.join("\n")}
`;
}
