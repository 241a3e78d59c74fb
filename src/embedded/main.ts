import { main as run } from "../core/main.js";
import { openWire } from "../core/wire.js";
import { parse } from "./argv.js";

/** Set by the executable before this module is loaded. */
declare const __door: (request: string) => string;

/** Called by the executable; the value is its exit status. */
export function main(): Promise<number> {
  return run(openWire(__door), parse);
}
