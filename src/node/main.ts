import { writeSync } from "node:fs";
import { main } from "../core/main.js";
import { parse } from "./argv.js";

process.exit(await run());

/** Never touches process.stdin, stdout or stderr: that would make the descriptors non-blocking for everybody who shares them. */
async function run(): Promise<number> {
  try {
    const { openDoor } = await import("./door.js");
    return await main(openDoor(), parse);
  } catch (error) {
    return tell(error instanceof Error ? error.message : String(error));
  }
}

/** Without a door, when the library is missing or of another machine, Node's own write has to do. */
function tell(message: string): number {
  try {
    writeSync(2, `${message.replaceAll("\n", " ")}\n`);
  } catch {
    // stderr is closed or read-only: nobody listens.
  }
  return 1;
}
