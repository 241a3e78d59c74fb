import type { Option, OptionTable, ValuesOf } from "./option.js";

const flag = { kind: "flag" } as const;
const text = { kind: "text" } as const;
const list = { kind: "list" } as const;

/** Options that stand before the verb. */
export const globalOptions = {
  "cgroup-manager": { kind: "choice", of: ["cgroupfs", "systemd", "disabled"] },
  criu: text,
  debug: flag,
  help: { ...flag, alias: "h" },
  log: text,
  "log-format": { kind: "choice", of: ["text", "json"] },
  "log-level": { kind: "choice", of: ["error", "warning", "debug"] },
  root: text,
  rootless: { kind: "choice", of: ["true", "false", "auto"] },
  "systemd-cgroup": flag,
  timings: flag,
  version: { ...flag, alias: "v" },
} as const satisfies OptionTable;

/** Options that stand after the verb; which verb has which is told by {@link verbs}. */
export const verbOptions = {
  "additional-gids": { ...list, alias: "g" },
  all: { ...flag, alias: "a" },
  apparmor: { ...text, unbuilt: true },
  "auto-dedup": flag,
  "blkio-weight": text,
  bundle: { ...text, alias: "b" },
  cap: { ...list, alias: "c" },
  cgroup: list,
  config: { ...text, alias: "f" },
  "console-socket": text,
  cwd: text,
  "empty-ns": text,
  env: { ...list, alias: "e" },
  "ext-unix-sk": flag,
  "file-locks": flag,
  "cpu-burst": text,
  "cpu-idle": text,
  "cpu-period": text,
  "cpu-quota": text,
  "cpu-rt-period": text,
  "cpu-rt-runtime": text,
  "cpu-share": text,
  "cpuset-cpus": text,
  "cpuset-mems": text,
  detach: { ...flag, alias: "d" },
  "dry-run": flag,
  force: { ...flag, alias: "f" },
  format: { kind: "choice", of: ["table", "json"], alias: "f" },
  help: { ...flag, alias: "h" },
  "ignore-paused": flag,
  "image-path": text,
  json: flag,
  keep: flag,
  "lazy-pages": flag,
  "leave-running": flag,
  "link-remap": flag,
  "lsm-mount-context": text,
  "lsm-profile": text,
  "manage-cgroups-mode": text,
  "network-lock": text,
  "kernel-memory": text,
  "kernel-memory-tcp": text,
  "l3-cache-schema": { ...text, unbuilt: true },
  "mem-bw-schema": { ...text, unbuilt: true },
  memory: text,
  "memory-reservation": text,
  "memory-swap": text,
  "no-new-keyring": flag,
  "no-new-privs": flag,
  "no-pivot": flag,
  "no-subreaper": flag,
  "page-server": text,
  "parent-path": text,
  "pid-file": text,
  "pids-limit": text,
  "pidfd-socket": text,
  "pre-dump": flag,
  // Descriptors are int: the last one is 2 + N.
  "preserve-fds": { kind: "count", max: 2147483645 },
  process: { ...text, alias: "p" },
  "process-label": { ...text, unbuilt: true },
  quiet: { ...flag, alias: "q" },
  regex: { ...flag, alias: "r" },
  resources: { ...text, alias: "r" },
  rootless: flag,
  "shell-job": flag,
  stats: flag,
  "status-fd": text,
  strict: flag,
  "tcp-close": flag,
  "tcp-established": flag,
  "tcp-skip-in-flight": flag,
  tty: { ...flag, alias: "t" },
  user: { ...text, alias: "u" },
  "work-path": text,
} as const satisfies OptionTable;

export type GlobalName = keyof typeof globalOptions;
export type GlobalValues = ValuesOf<typeof globalOptions>;
export type OptionName = keyof typeof verbOptions;
/** The options given to a verb, under their own names; a verb never sees an option that it does not have. */
export type Options = ValuesOf<typeof verbOptions>;

export interface VerbGrammar {
  /** `help` is an option of every verb. */
  readonly options: readonly OptionName[];
  readonly operands: readonly Operand[];
  /** The first operand ends the options: what follows belongs to the operands, dashes or not. */
  readonly cut?: true;
}

export interface Operand {
  readonly name: "CONTAINER-ID" | "SIGNAL" | "COMMAND" | "SHELL" | "ARGUMENTS" | "PS-OPTIONS";
  readonly optional?: true;
  /** Any number of words, none included. */
  readonly many?: true;
}

const id: Operand = { name: "CONTAINER-ID" };
const shell: Operand = { name: "SHELL" };
const create = [
  "bundle",
  "config",
  "console-socket",
  "no-new-keyring",
  "no-pivot",
  "no-subreaper",
  "pid-file",
  "pidfd-socket",
  "preserve-fds",
] as const satisfies readonly OptionName[];

/** What `checkpoint` and `restore` have in common: callers send them, and ask whether they are known. */
const images = [
  ...["auto-dedup", "empty-ns", "ext-unix-sk", "file-locks", "image-path", "lazy-pages"],
  ...["manage-cgroups-mode", "network-lock", "parent-path", "shell-job", "tcp-established", "work-path"],
] as const satisfies readonly OptionName[];

const limits = [
  "blkio-weight",
  "cpu-burst",
  "cpu-idle",
  "cpu-period",
  "cpu-quota",
  "cpu-rt-period",
  "cpu-rt-runtime",
  "cpu-share",
  "cpuset-cpus",
  "cpuset-mems",
  "dry-run",
  "kernel-memory",
  "kernel-memory-tcp",
  "l3-cache-schema",
  "mem-bw-schema",
  "memory",
  "memory-reservation",
  "memory-swap",
  "pids-limit",
  "resources",
] as const satisfies readonly OptionName[];

/** The verbs, in the order of a container's life. */
export const verbs = {
  create: { options: create, operands: [id] },
  start: { options: [], operands: [id] },
  run: { options: [...create, "detach", "keep"], operands: [id] },
  exec: {
    options: [
      ...["additional-gids", "apparmor", "cap", "cgroup", "console-socket", "cwd", "detach", "env"],
      ...["ignore-paused", "no-new-privs", "no-subreaper", "pid-file", "pidfd-socket", "preserve-fds"],
      ...["process", "process-label", "tty", "user"],
    ],
    operands: [id, { name: "COMMAND", optional: true }, { name: "ARGUMENTS", optional: true, many: true }],
    cut: true,
  },
  state: { options: [], operands: [id] },
  kill: { options: ["all", "regex"], operands: [id, { name: "SIGNAL", optional: true }], cut: true },
  update: { options: limits, operands: [id] },
  wait: { options: [], operands: [id] },
  pause: { options: [], operands: [id] },
  resume: { options: [], operands: [id] },
  ps: { options: ["format"], operands: [id, { name: "PS-OPTIONS", optional: true, many: true }], cut: true },
  events: { options: ["stats"], operands: [id] },
  delete: { options: ["force", "regex"], operands: [id] },
  list: { options: ["format", "quiet"], operands: [] },
  spec: { options: ["bundle", "rootless"], operands: [] },
  validate: { options: ["bundle", "config", "json", "strict"], operands: [] },
  plan: { options: [...create, "json"], operands: [{ ...id, optional: true }] },
  checkpoint: {
    options: [
      ...images,
      ...["leave-running", "link-remap", "page-server", "pre-dump", "status-fd", "tcp-skip-in-flight"],
    ],
    operands: [id],
  },
  restore: {
    options: [
      ...images,
      ...["bundle", "console-socket", "detach", "lsm-mount-context", "lsm-profile", "no-pivot", "no-subreaper"],
      ...["pid-file", "tcp-close"],
    ],
    operands: [id],
  },
  features: { options: [], operands: [] },
  doctor: { options: ["json"], operands: [] },
  completion: { options: [], operands: [shell] },
  help: { options: [], operands: [{ name: "COMMAND", optional: true }] },
} as const satisfies Readonly<Record<string, VerbGrammar>>;

export type VerbName = keyof typeof verbs;

export function isVerb(word: string): word is VerbName {
  return Object.hasOwn(verbs, word);
}

/** The options of a verb as a table, `help` included. */
export function optionsOf(verb: VerbName): OptionTable {
  const table: Record<string, Option> = { help: verbOptions.help };
  for (const name of verbs[verb].options) table[name] = verbOptions[name];
  return table;
}
