import { TsrunError } from "../error.js";
import type { Process } from "../generated/config.js";

/** A terminal needs somebody who holds its other end. */
export function checkTerminal(
  process: Process,
  how: { readonly foreground: boolean; readonly consoleSocket?: string },
): void {
  const { foreground, consoleSocket } = how;
  const terminal = process.terminal === true;
  if (terminal && !foreground && consoleSocket === undefined)
    throw new TsrunError("usage", "cannot allocate tty if tsrun will detach without setting console socket", {
      pointer: "/process/terminal",
    });
  if (consoleSocket !== undefined && (!terminal || foreground))
    throw new TsrunError("usage", "cannot use console socket if tsrun will not detach or allocate tty", {
      pointer: "/process/terminal",
    });
}
