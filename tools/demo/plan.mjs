// The plan in a few lines: what follows each other and is alike becomes one line.

/** What a step is about, where one word says it. */
function subject(step) {
  const path = step.target ?? step.destination ?? step.path ?? step.mount ?? step.name;
  return typeof path === "string" ? path : undefined;
}

function lines(half, steps) {
  const runs = [];
  for (const step of steps) {
    const last = runs.at(-1);
    if (last?.op === step.op) last.subjects.push(subject(step));
    else runs.push({ op: step.op, subjects: [subject(step)] });
  }
  return runs.map(({ op, subjects }) => {
    const named = subjects.filter((name) => name !== undefined);
    const times = subjects.length > 1 ? ` x ${String(subjects.length)}` : "";
    return `${half}  ${(op + times).padEnd(22)} ${clip(named.join(" "), 78)}`.trimEnd();
  });
}

const clip = (text, length) => (text.length <= length ? text : `${text.slice(0, length - 1)}…`);

export function briefly(text) {
  const { outside, inside } = JSON.parse(text);
  const total = `${String(outside.length)} steps outside, ${String(inside.length)} inside`;
  return [total, ...lines("outside", outside), ...lines(" inside", inside)].join("\n");
}
