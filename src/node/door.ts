// The door on Node: libtsrun.so, called through ffi-rs on the calling thread. Never on another one: the library makes
// processes and takes signals for its caller.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { DataType, define, open } from "ffi-rs";
import type { Door } from "../core/door.js";
import { TsrunError } from "../core/error.js";
import { openWire, type RawDoor } from "../core/wire.js";

/** Where the library stands: beside dist/node/, or in dist/ when this file runs from src/node/. */
const places = ["../libtsrun.so", "../../dist/libtsrun.so"];

/** Opens the library once for the process. Its argv is what follows the script's name; the launcher noted under which name it was called. */
export function openDoor(): Door {
  const door = openWire(openRaw(libraryPath()));
  const program = process.env["TSRUN_PROGRAM"] ?? "tsrun-node";
  return {
    ...door,
    hello: () => ({ ...door.hello(), program, argv: process.argv.slice(2) }),
    clock(steps) {
      const clock = door.clock(steps);
      return { ...clock, began: clock.now - Math.round(performance.now() * 1000) };
    },
  };
}

function libraryPath(): string {
  const paths = places.map((place) => fileURLToPath(new URL(place, import.meta.url)));
  const found = paths.find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new TsrunError("internal", `libtsrun.so is missing at ${paths.join(" and ")}: run npm run build`);
}

/** `int64_t tsrun_door(const uint8_t *request, uint64_t len, uint8_t *reply, uint64_t capacity)`. */
function openRaw(path: string): RawDoor {
  try {
    open({ library: path, path });
  } catch (cause) {
    throw new TsrunError("internal", `libtsrun.so cannot be loaded: ${String(cause)}`, { cause });
  }
  const { tsrun_door } = define({
    tsrun_door: {
      library: path,
      retType: DataType.I64,
      paramsType: [DataType.U8Array, DataType.U64, DataType.U8Array, DataType.U64],
    },
  });
  const call = (request: Buffer, length: number, reply: Buffer): number =>
    tsrun_door([request, length, reply, reply.length]);
  // ffi-rs hands over the addresses of these buffers: the library writes in place, and nothing is copied or freed.
  let reply = Buffer.allocUnsafeSlow(1 << 16);
  return (text) => {
    const request = Buffer.from(text);
    let length = call(request, request.length, reply);
    if (length > reply.length) {
      // Too long: the library keeps the reply until an empty request fetches it.
      reply = Buffer.allocUnsafeSlow(length);
      length = call(request, 0, reply);
    }
    if (length < 0) throw new TsrunError("internal", `the door refused a request of ${request.length} bytes`);
    return reply.toString("utf8", 0, length);
  };
}
