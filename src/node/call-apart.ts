// Calls a verb in a process of its own. A container is a child of the process that makes it: here that one ends, and the
// container's first process is adopted and reaped by the machine's, not left to a program that knows nothing of it. And
// whoever waits for a container takes all signals, and the ends of all children, of its process.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type ErrorCode, TsrunError } from "../core/error.js";
import type { Answer, Call } from "./call.js";

/** What called-apart.ts answers. */
export type Reply = { readonly answer: Answer } | { readonly failure: Failure };

/** A TsrunError as it goes from one process to another. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly op?: string | undefined;
  readonly pointer?: string | undefined;
  readonly errno?: string | undefined;
}

/** The process gets descriptors 0 to 2 of this one, and `preserve` more. */
export async function callApart(call: Call, preserve: number): Promise<Answer> {
  const reply = await ask(call, preserve);
  if ("answer" in reply) return reply.answer;
  const { code, message, ...facts } = reply.failure;
  throw new TsrunError(code, message, facts);
}

function ask(call: Call, preserve: number): Promise<Reply> {
  const entry = fileURLToPath(new URL("./called-apart.js", import.meta.url));
  const descriptors = Array.from({ length: 3 + preserve }, (_, descriptor) => descriptor);
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [entry], { stdio: [...descriptors, "ipc"] });
    let reply: Reply | undefined;
    child.on("message", (message) => {
      reply = message as Reply;
    });
    child.on("error", reject);
    child.on("exit", (status, signal) => {
      if (reply !== undefined) resolve(reply);
      else reject(new TsrunError("internal", `${call.verb} ended without an answer: ${signal ?? `status ${status}`}`));
    });
    child.send(call);
  });
}
