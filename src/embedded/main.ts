import { openWire } from "../core/wire.js";

/** The engine's only function: one request to the door, one reply. */
declare const __door: (request: string) => string;

/** Called once by the engine; answers the exit status. */
export function main(): Promise<number> {
  const door = openWire(__door);
  door.print(1, `${door.hello().library}\n`);
  return Promise.resolve(0);
}
