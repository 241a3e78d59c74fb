import type { Door } from "./door.js";
import { type ErrorCode, TsrunError } from "./error.js";
import { describeErrno } from "./tables/errno.js";

/** One request to the Rust library, one reply, both JSON: schemas/door.schema.json. */
export type RawDoor = (request: string) => string;

/** The door over a raw function. A request is `{"call": name of the method, …its parameters by name}`. */
export function openWire(raw: RawDoor): Door {
  const call = <Value>(request: Request): Value => answer<Value>(raw(JSON.stringify(request)), request.call);
  return {
    hello: () => call({ call: "hello" }),
    readConfig: (path) => call({ call: "readConfig", path }),
    readText: (path, limit) => call<string | null>({ call: "readText", path, limit }) ?? undefined,
    createText: (path, text, mode) => call({ call: "createText", path, text, mode }),
    listNames: (path) => call({ call: "listNames", path }),
    canonicalPath: (path) => call({ call: "canonicalPath", path }),
    facts: () => call({ call: "facts" }),
    perform: (plan, more = false) => call({ call: "perform", plan, more }),
    probe: (process, socket, freezer) => call({ call: "probe", process, socket, freezer }),
    readInput: (limit) => call({ call: "readInput", limit }),
    readKernelFiles: (paths, keep) =>
      call<readonly (string | null)[]>({ call: "readKernelFiles", paths, keep }).map((text) => text ?? undefined),
    exitStatus: (process, pin, wait) => call<number | null>({ call: "exitStatus", process, pin, wait }) ?? undefined,
    members: (directory) => call({ call: "members", directory }),
    output: (args) => call({ call: "output", args }),
    becomeSubreaper: () => call({ call: "becomeSubreaper" }),
    wait: (request) => call({ call: "wait", request }),
    print: (descriptor, text) => call({ call: "print", descriptor, text }),
    openLog: (path, socket = false) => call({ call: "openLog", path, socket }),
    appendLog: (line) => call({ call: "appendLog", line }),
    appendText: (path, text, mode) => call({ call: "appendText", path, text, mode }),
    now: () => call({ call: "now" }),
    examine: ({ calls, namespaces, mapped }) => call({ call: "examine", calls, namespaces, mapped }),
    clock: (steps) => call({ call: "clock", steps }),
    userName: (uid) => call<string | null>({ call: "userName", uid }) ?? undefined,
  };
}

interface Request {
  readonly call: keyof Door;
  readonly [parameter: string]: unknown;
}

type Reply<Value> = { readonly ok: Value } | { readonly error: WireError };

/** `errno` is the kernel's number. */
interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly op?: string;
  readonly path?: string;
  readonly errno?: number;
}

function answer<Value>(text: string, call: string): Value {
  const reply = parse<Value>(text, call);
  if ("ok" in reply) return reply.ok;
  const { code, message, op, path, errno } = reply.error;
  throw new TsrunError(code, sentence(message, op, path, errno), { op: op ?? call, errno: errnoName(errno) });
}

function parse<Value>(text: string, call: string): Reply<Value> {
  try {
    // The shape is what `hello` compared versions for.
    const reply = JSON.parse(text) as Reply<Value> | null;
    if (reply !== null && typeof reply === "object" && ("ok" in reply || "error" in reply)) return reply;
  } catch (cause) {
    throw new TsrunError("internal", `the door's reply to ${call} is not JSON`, { op: call, cause });
  }
  throw new TsrunError("internal", `the door's reply to ${call} is neither ok nor an error`, { op: call });
}

/** `open /x: no such file or directory`; a message of the library's own stands instead of the kernel's words. */
function sentence(
  message: string,
  op: string | undefined,
  path: string | undefined,
  errno: number | undefined,
): string {
  const subject = [op, path].filter((word) => word !== undefined).join(" ");
  const text = message !== "" || errno === undefined ? message : errnoText(errno);
  return subject === "" || message.includes(subject) ? text : `${subject}: ${text}`;
}

const errnoName = (errno: number | undefined): string | undefined =>
  errno === undefined ? undefined : (describeErrno(errno)?.[0] ?? `errno ${errno}`);

const errnoText = (errno: number): string => describeErrno(errno)?.[1] ?? `errno ${errno}`;
