// Starts a program and waits for it to end. Its output goes to files, not pipes: what `create` leaves running keeps the
// output open, and a pipe would make us wait for the container.
import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { Failure } from "./expect.js";

export interface Answer {
  /** Exit status, or 128 + the signal's number. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Where standard output went: what the container writes after `create` has ended appears here. */
  readonly outputFile: string;
}

export interface InvokeOptions {
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Text on standard input; nothing by default. */
  readonly input?: string;
  /** Called with the process's number as soon as it runs. */
  readonly started?: (pid: number) => void;
}

/** Milliseconds that a call may take. */
let timeLimit = 20_000;

/** On a slow machine calls take longer. */
export function setTimeLimit(seconds: number): void {
  timeLimit = seconds * 1000;
}

let count = 0;

/**
 * Runs `command` with output files in `directory`.
 * @throws Failure when it cannot be started or does not end within the time limit (it is killed then).
 */
export async function invoke(
  command: readonly string[],
  directory: string,
  options: InvokeOptions = {},
): Promise<Answer> {
  const [program = "", ...args] = command;
  const stem = join(directory, `call-${String(++count)}`);
  writeFileSync(`${stem}.in`, options.input ?? "");
  const files = [openSync(`${stem}.in`, "r"), openSync(`${stem}.out`, "a"), openSync(`${stem}.err`, "a")];
  try {
    const status = await new Promise<number>((resolve, reject) => {
      const child = spawn(program, args, {
        stdio: files,
        env: { ...process.env, ...options.env },
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      });
      const alarm = setTimeout(() => {
        child.kill("SIGKILL");
        reject(new Failure(`${command.join(" ")}: did not end within ${timeLimit / 1000} s`));
      }, timeLimit);
      child.on("error", (cause) => {
        clearTimeout(alarm);
        reject(new Failure(`${program}: cannot be started: ${cause.message}`));
      });
      child.on("exit", (code, signal) => {
        clearTimeout(alarm);
        resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
      });
      if (child.pid !== undefined) options.started?.(child.pid);
    });
    const [stdout, stderr] = [readFileSync(`${stem}.out`, "utf8"), readFileSync(`${stem}.err`, "utf8")];
    return { status, stdout, stderr, outputFile: `${stem}.out` };
  } finally {
    for (const file of files) closeSync(file);
  }
}
