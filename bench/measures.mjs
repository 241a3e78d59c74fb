// What is measured, the command of each, and the lines that tsrun has to meet: at most so much of a peer's median.
import { spawnSync } from "node:child_process";

const id = "tsrun-bench";

function must([program, ...args]) {
  const { status, error } = spawnSync(program, args, { stdio: "ignore" });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: exit ${String(status)} ${error?.message ?? ""}`);
}

export const measures = [
  {
    name: "run",
    unit: "ms",
    command: ({ runtime, bundles }) => [...runtime, "run", "--bundle", bundles.plain, id],
    lines: { crun: 0.6, runc: 0.25 },
  },
  {
    name: "lifecycle",
    title: "create start state delete -f",
    unit: "ms",
    command: ({ runtime, bundles, sequence }) => [
      ...[sequence, ...runtime, "create", "--bundle", bundles.plain, id],
      ...[";", ...runtime, "start", id],
      ...[";", ...runtime, "state", id],
      ...[";", ...runtime, "delete", "-f", id],
    ],
    lines: { crun: 0.6 },
  },
  {
    name: "state",
    title: "state of a created one",
    unit: "ms",
    before: ({ runtime, bundles }) => must([...runtime, "create", "--bundle", bundles.waiting, id]),
    command: ({ runtime }) => [...runtime, "state", id],
    after: ({ runtime }) => spawnSync(runtime[0], [...runtime.slice(1), "delete", "--force", id], { stdio: "ignore" }),
    lines: { crun: 0.5 },
  },
  {
    name: "memory",
    title: "peak memory of run",
    unit: "KiB",
    command: ({ runtime, bundles, sequence }) => [sequence, "-m", ...runtime, "run", "--bundle", bundles.plain, id],
    lines: { crun: 1 },
  },
  {
    name: "seccomp",
    title: "run, Podman's seccomp",
    unit: "ms",
    command: ({ runtime, bundles }) => [...runtime, "run", "--bundle", bundles.filtered, id],
    lines: { crun: 0.7 },
  },
];
