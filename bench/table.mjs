// Medians, ratios, and the table that people read.

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return undefined;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** One row for each measure: the medians of all subjects, and tsrun's ratio to each peer that has a line. */
export function judge(measures, samples) {
  return measures.map(({ name, title = name, unit, lines: limits }) => {
    const medians = Object.fromEntries(Object.entries(samples[name]).map(([who, times]) => [who, median(times)]));
    // a machine that does other work meanwhile disturbs the fastest run least
    const minima = Object.fromEntries(Object.entries(samples[name]).map(([who, times]) => [who, Math.min(...times)]));
    const { tsrun } = medians;
    const lines = Object.entries(limits)
      .filter(([peer]) => tsrun !== undefined && medians[peer] !== undefined)
      .map(([peer, limit]) => ({ peer, limit, ratio: tsrun / medians[peer], met: tsrun / medians[peer] <= limit }));
    const ratios = Object.fromEntries(
      ["crun", "runc"]
        .filter((peer) => medians[peer])
        .map((peer) => [peer, tsrun === undefined ? undefined : tsrun / medians[peer]]),
    );
    return { name, title, unit, medians, minima, ratios, lines };
  });
}

const number = (value, digits) => (value === undefined ? "-" : value.toFixed(digits));

export function printTable({ machine, versions, bytes, seccompNames, rows }, chosen) {
  const names = chosen.map(({ name }) => name);
  const head = ["median", "unit", ...names, "of crun", "of runc", "line"];
  const body = rows.map(({ title, unit, medians, ratios, lines }) => [
    title,
    unit,
    ...names.map((name) => number(medians[name], unit === "KiB" ? 0 : 2)),
    number(ratios.crun, 2),
    number(ratios.runc, 2),
    lines.map(({ peer, limit, met }) => `${met ? "meets" : "MISSES"} ${String(limit)} of ${peer}`).join(", ") || "-",
  ]);
  const last = head.length - 1;
  const widths = head.map((title, column) =>
    Math.max(...[head, ...body].map((row) => row[column].length), title.length),
  );
  const pad = (cell, column) =>
    column === 0 || column === last ? cell.padEnd(widths[column]) : cell.padStart(widths[column]);
  for (const row of [head, ...body]) console.log(row.map(pad).join("  ").trimEnd());
  console.log("\nthe fastest run of each:");
  for (const { title, minima } of rows)
    console.log(`  ${title.padEnd(30)} ${names.map((name) => `${name} ${number(minima[name], 1)}`).join(", ")}`);
  console.log();
  for (const [name, text] of Object.entries(versions)) console.log(`${name}: ${text}`);
  console.log(
    `seccomp profile: ${String(seccompNames)} system calls; ${machine.cpu}, ${machine.cpus} cpus, Linux ${machine.kernel}`,
  );
  for (const [file, size] of Object.entries(bytes))
    if (size !== undefined) console.log(`${file}: ${String(size)} bytes`);
}
