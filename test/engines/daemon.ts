// A daemon that lives as long as its tests.
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { openSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

export class Daemon {
  private readonly child: ChildProcess;
  private readonly log: string;

  /** Starts `command`; what it says goes to the file `log`. */
  constructor(command: readonly string[], log: string) {
    const [program = "", ...args] = command;
    const file = openSync(log, "a");
    this.child = spawn(program, args, { stdio: ["ignore", file, file] });
    this.log = log;
  }

  /** Waits until `probe` succeeds. */
  async ready(probe: readonly string[]): Promise<void> {
    const [program = "", ...args] = probe;
    for (let turn = 0; turn < 150; turn++) {
      if (this.child.exitCode !== null) break;
      if (spawnSync(program, args, { stdio: "ignore" }).status === 0) return;
      await pause(100);
    }
    throw new Error(`${this.child.spawnfile} is not ready:\n${readFileSync(this.log, "utf8").slice(-3000)}`);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) =>
      this.child.once("exit", () => {
        resolve();
      }),
    );
    this.child.kill("SIGTERM");
    await Promise.race([ended, pause(8000).then(() => this.child.kill("SIGKILL"))]);
  }
}
