// What is measured, the command of each, and the lines that tsrun has to meet: at most so much of a peer's median.
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

function must([program, ...args]) {
  // a file, since a container that waits would keep a pipe open
  const said = join(mkdtempSync(join(tmpdir(), "tsrun-bench-")), "stderr");
  const stderr = openSync(said, "w");
  const { status, error } = spawnSync(program, args, { stdio: ["ignore", "ignore", stderr] });
  closeSync(stderr);
  const words = error?.message ?? readFileSync(said, "utf8");
  rmSync(dirname(said), { recursive: true });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: exit ${String(status)}: ${words}`);
}

const remove = ({ runtime, id }) =>
  spawnSync(runtime[0], [...runtime.slice(1), "delete", "--force", id], { stdio: "ignore" });

/** A container that sleeps, for as long as something is measured in it. */
const inside = {
  before: ({ runtime, id, bundles }) => must([...runtime, "run", "--detach", "--bundle", bundles.sleeping, id]),
  after: remove,
};

export const measures = [
  {
    name: "run",
    unit: "ms",
    command: ({ runtime, id, bundles }) => [...runtime, "run", "--bundle", bundles.plain, id],
    lines: { crun: 0.6, runc: 0.25 },
  },
  {
    name: "lifecycle",
    title: "create start state delete -f",
    unit: "ms",
    command: ({ runtime, id, bundles, sequence }) => [
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
    before: ({ runtime, id, bundles }) => must([...runtime, "create", "--bundle", bundles.waiting, id]),
    command: ({ runtime, id }) => [...runtime, "state", id],
    after: remove,
    lines: { crun: 0.5 },
  },
  {
    name: "exec",
    title: "exec of /bin/true",
    unit: "ms",
    ...inside,
    command: ({ runtime, id }) => [...runtime, "exec", id, "/bin/true"],
    lines: { crun: 0.6 },
  },
  {
    name: "exec-terminal",
    title: "exec -t of /bin/true",
    unit: "ms",
    ...inside,
    command: ({ runtime, id, terminal }) => [terminal, ...runtime, "exec", "-t", id, "/bin/true"],
    lines: { crun: 0.6 },
  },
  {
    name: "terminal",
    title: "32 MiB through exec -t",
    unit: "ms",
    ...inside,
    command: ({ runtime, id, terminal }) => [
      ...[terminal, ...runtime, "exec", "-t", id],
      ...["/bin/dd", "if=/dev/zero", "bs=64k", "count=512"],
    ],
    lines: { crun: 1 },
  },
  {
    name: "memory",
    title: "peak memory of run",
    unit: "KiB",
    command: ({ runtime, id, bundles, sequence }) => [sequence, "-m", ...runtime, "run", "--bundle", bundles.plain, id],
    lines: { crun: 1 },
  },
  {
    name: "seccomp",
    title: "run, Podman's seccomp",
    unit: "ms",
    command: ({ runtime, id, bundles }) => [...runtime, "run", "--bundle", bundles.filtered, id],
    lines: { crun: 0.7 },
  },
  ...[
    ["bound", "run, 200 bind mounts"],
    ["masked", "run, 100 masked files"],
    ["mapped", "run, user namespace"],
  ].map(([name, title]) => ({
    name,
    title,
    unit: "ms",
    command: ({ runtime, id, bundles }) => [...runtime, "run", "--bundle", bundles[name], id],
    lines: { crun: 0.8 },
  })),
];
