// The process that performs one call for call-apart.ts: gets it in a message, answers in another, and ends.
import { TsrunError } from "../core/error.js";
import { type Call, call } from "./call.js";
import type { Reply } from "./call-apart.js";

process.once("message", (message) => {
  void perform(message as Call).then((reply) => {
    process.send?.(reply, () => {
      process.exit();
    });
  });
});

async function perform(asked: Call): Promise<Reply> {
  try {
    return { answer: await call(asked) };
  } catch (error) {
    if (!(error instanceof TsrunError)) return { failure: { code: "internal", message: String(error) } };
    const { code, message, op, pointer, errno } = error;
    return { failure: { code, message, op, pointer, errno } };
  }
}
