import type { Plan } from "./generated/plan.js";

/** Version of the messages that cross the door; `hello` compares it with the library's. */
export const doorVersion = 1;

/**
 * The only way out of the core. Every call is one request to the Rust library and one reply (schemas/door.schema.json);
 * a call that fails throws a TsrunError (error.ts).
 */
export interface Door {
  /** First call: compares versions and tells how the program was called. */
  hello(): Greeting;
  /** Reads `<bundle>/config.json` (or another file given by the caller); the library keeps the bytes for `keepConfig`. */
  readConfig(path: string): string;
  /** Reads a text file of at most `limit` bytes; `undefined` when it does not exist. */
  readText(path: string, limit: number): string | undefined;
  /** Writes a new file (O_EXCL). */
  createText(path: string, text: string, mode: number): void;
  /** Names in a directory, sorted; empty when it does not exist. */
  listNames(path: string): readonly string[];
  /** Canonical absolute path (realpath); fails when it does not exist. */
  canonicalPath(path: string): string;
  /** What the planner must know of the host. */
  facts(): Facts;
  /** Performs a plan; see {@link Outcome}. With `more` the next plan goes on with its init, and with the numbers of its steps. */
  perform(plan: Plan, more?: boolean): Outcome;
  /** What the kernel says about a container's init. */
  probe(process: ProcessId, socket: string, freezer: string): Probe;
  /** Standard input up to its end, at most `limit` bytes. */
  readInput(limit: number): string;
  /** Texts of files of procfs, sysfs or cgroups; `undefined` of one that cannot be read. With `keep` they stay open for the next call. */
  readKernelFiles(paths: readonly string[], keep: boolean): readonly (string | undefined)[];
  /** Pids in a cgroup and in those below it, rising; none when it does not exist. */
  members(directory: string): readonly number[];
  /** Runs a program of the host, found in PATH, without input, and waits for its end. */
  output(args: readonly string[]): ProgramOutput;
  /**
   * Exit status of a container's first process, of which a pidfd may be mounted on the file `pin`; `undefined` while it lives, unless it is
   * waited for, and where nobody knows it any more.
   */
  exitStatus(process: ProcessId, pin: string, wait: boolean): number | undefined;
  /** Orphans of the processes that this one spawns become its children (PR_SET_CHILD_SUBREAPER). */
  becomeSubreaper(): void;
  /** Waits for the spawned init in the foreground, forwarding signals (and the terminal); answers its exit status. */
  wait(request: WaitRequest): number;
  /** Writes all of text to descriptor 1 or 2. A closed or read-only descriptor is no error. */
  print(descriptor: 1 | 2, text: string): void;
  /** Opens the log file (O_APPEND | O_CREAT | O_CLOEXEC, 0644), or a datagram socket; `appendLog` writes to it. */
  openLog(path: string, socket?: boolean): void;
  appendLog(line: string): void;
  /** Adds text to the end of a file, in one write; makes it where it is missing. */
  appendText(path: string, text: string, mode: number): void;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
  /** What this host lets this caller do, found out by trying; each answer is an errno, 0 for yes. */
  examine(request: ExamineRequest): Examination;
  /** Where the time goes. With `steps` the library takes the time of each outside step from now on. */
  clock(steps: boolean): Clock;
  /** Name of a user of the host, for tables; `undefined` if unknown. */
  userName(uid: number): string | undefined;
}

/** How the program was called, and what it runs on. */
export interface Greeting {
  readonly doorVersion: number;
  readonly library: string;
  /** File name of argv[0]. */
  readonly program: string;
  /** argv without argv[0]. */
  readonly argv: readonly string[];
  /** The variables that tsrun reads, when set: XDG_RUNTIME_DIR, USER, LISTEN_FDS, LISTEN_PID, NOTIFY_SOCKET, NO_COLOR, DBUS_SESSION_BUS_ADDRESS, TSRUN_TIMINGS,
   * TSRUN_NOFILE (soft RLIMIT_NOFILE of the caller, where a launcher had to note it). */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly pid: number;
  readonly euid: number;
  readonly egid: number;
  /** In a user namespace other than the initial one. */
  readonly inUserNamespace: boolean;
  /** Whether descriptors 0, 1, 2 are terminals. */
  readonly terminals: readonly [boolean, boolean, boolean];
  readonly libseccomp: string;
}

export interface ExamineRequest {
  /** Numbers of system calls. */
  readonly calls: readonly number[];
  /** CLONE_NEW* flags, each tried alone. */
  readonly namespaces: readonly number[];
  /** Paths on file systems whose mounts may get mapped ids. */
  readonly mapped: readonly string[];
}

export type Examination = { readonly [What in keyof ExamineRequest]: readonly number[] };

/** Microseconds of the monotonic clock. */
export interface Clock {
  readonly now: number;
  /** When the process began, and when `hello` was answered. */
  readonly began: number;
  readonly greeted: number;
  /** How long the outside steps took that were performed since the last call. */
  readonly steps: readonly number[];
}

export interface Facts {
  readonly cgroup: CgroupFacts;
  /** The caller's user namespace forbids setgroups(2); looked at only for who is not root of the machine. */
  readonly setgroups?: "deny";
}

export interface CgroupFacts {
  /** Mounted hierarchies: v1 with its controllers (and `name=` for a named one), v2 with none. */
  readonly hierarchies: readonly CgroupHierarchy[];
}

export interface CgroupHierarchy {
  readonly version: 1 | 2;
  /** v1: controllers of the hierarchy, for example ["cpu", "cpuacct"], or ["name=systemd"]; v2: cgroup.controllers of the root. */
  readonly controllers: readonly string[];
  /** Where it is mounted. */
  readonly mount: string;
  /** Root of the mount within the hierarchy (field 4 of mountinfo). */
  readonly root: string;
  /** The caller's own cgroup (/proc/self/cgroup). */
  readonly own: string;
  /** The caller may make no cgroups where a relative path begins; looked at only for who is not root of the machine. */
  readonly closed?: boolean;
}

/** A process that cannot be mistaken for another: pid and start time (field 22 of /proc/PID/stat). */
export interface ProcessId {
  readonly pid: number;
  readonly startTime: number;
}

/** Result of a plan that was performed to its end, or the first step that failed. */
export type Outcome =
  | { readonly done: true; readonly init?: ProcessId }
  | {
      readonly done: false;
      readonly half: "outside" | "inside";
      readonly step: number;
      readonly errno: number;
      readonly detail: string;
    };

export interface Probe {
  /** The process exists, is the same one, and is no zombie. */
  readonly alive: boolean;
  /** It still is tsrun's init, waiting for start. */
  readonly waiting: boolean;
  readonly frozen: boolean;
}

export interface ProgramOutput {
  /** Exit status; 128 + n when signal n ended it. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface WaitRequest {
  readonly pid: number;
  /** Relay between the caller's terminal and the container's. */
  readonly terminal: boolean;
}
