import { writeSync } from "node:fs";

/**
 * Whoever looks at process.stdout makes the pipe behind it non-blocking, for everybody who shares it: the container and the
 * caller would get EAGAIN. yargs looks at it when it is imported, to learn the width of the terminal; so it finds this instead.
 */
for (const name of ["stdin", "stdout", "stderr"]) Object.defineProperty(process, name, { value: {} });

process.exit(await run());

/** The imports come after the lines above. */
async function run(): Promise<number> {
  try {
    const { main } = await import("../core/main.js");
    const { openDoor } = await import("./door.js");
    const { parse } = await import("./argv.js");
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
