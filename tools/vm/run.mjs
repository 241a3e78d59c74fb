// Programs that take long and say much: their words go to a file, whose end is shown when they fail.
import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";

/** @throws Error with the last lines of the log when `command` fails */
export async function run(log, [program, ...args]) {
  const file = openSync(log, "a");
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" };
    const status = await new Promise((resolve, reject) => {
      spawn(program, args, { stdio: ["ignore", file, file], env })
        .on("error", reject)
        .on("exit", (code, signal) => resolve(code ?? signal));
    });
    if (status === 0) return;
    const end = readFileSync(log, "utf8").trimEnd().split("\n").slice(-20).join("\n");
    throw new Error(`${program} ended with ${status}:\n${end}`);
  } finally {
    closeSync(file);
  }
}
