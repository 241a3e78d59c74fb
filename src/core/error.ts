/** The one error of tsrun. `message` is a sentence for people: lower case, no full stop. */
export class TsrunError extends Error {
  override readonly name = "TsrunError";
  /** Stable word for programs, see `ErrorCode`. */
  readonly code: ErrorCode;
  /** What was being done: a verb, a door call or a step of the plan. */
  readonly op: string | undefined;
  /** JSON pointer into config.json. */
  readonly pointer: string | undefined;
  /** Name of the kernel's error, for example `ENOENT`. */
  readonly errno: string | undefined;

  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = code;
    this.op = facts.op;
    this.pointer = facts.pointer;
    this.errno = facts.errno;
  }
}

/**
 * - `usage`: the command line is wrong
 * - `config`: config.json or the bundle is wrong
 * - `unsupported`: valid, but tsrun cannot do it (yet)
 * - `exists`, `not-found`, `state`: the container id is taken, unknown, or in a state that forbids the verb
 * - `kernel`: a system call failed
 * - `internal`: tsrun contradicts itself
 */
export type ErrorCode = "usage" | "config" | "unsupported" | "exists" | "not-found" | "state" | "kernel" | "internal";

export interface ErrorFacts {
  readonly op?: string | undefined;
  readonly pointer?: string | undefined;
  readonly errno?: string | undefined;
  readonly cause?: unknown;
}
