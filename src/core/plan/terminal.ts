import { processOf } from "./process.js";
import type { Inside, Situation } from "./request.js";

/** process.terminal: a pty of the container. Its first process also finds it as /dev/console. */
export function openTerminal(situation: Pick<Situation, "config">, console: boolean): Inside {
  const { terminal, consoleSize, user } = processOf(situation);
  if (terminal !== true) return [];
  return [
    {
      op: "terminal",
      rows: consoleSize?.height ?? 0,
      columns: consoleSize?.width ?? 0,
      uid: user?.uid ?? 0,
      gid: user?.gid ?? 0,
      console,
      pointer: "/process/terminal",
    },
  ];
}

/** By the process that leads the session, which is the program. */
export function takeTerminal(situation: Pick<Situation, "config">): Inside {
  if (processOf(situation).terminal !== true) return [];
  return [{ op: "controllingTerminal", pointer: "/process/terminal" }];
}
