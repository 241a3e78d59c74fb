import type { Door, Greeting } from "../../src/core/door.js";
import { TsrunError } from "../../src/core/error.js";

/** What a program saw and left behind. */
export interface Memory {
  stdout: string;
  stderr: string;
  /** Every file that was written, by path; logs too. */
  readonly files: Map<string, string>;
}

const root: Greeting = {
  doorVersion: 1,
  library: "0.0.0",
  program: "tsrun",
  argv: [],
  env: {},
  cwd: "/work-here",
  pid: 4321,
  euid: 0,
  egid: 0,
  inUserNamespace: false,
  terminals: [false, false, false],
  libseccomp: "2.5.4",
};

/** 2026-02-28T23:59:59.007Z. */
const moment = 1_772_323_199_007;

/** A door to memory: greeting, printing, the log and text files; whatever else is called fails the test. */
export function memoryDoor(host: Partial<Greeting>, overrides: Partial<Door> = {}): { door: Door; memory: Memory } {
  const memory: Memory = { stdout: "", stderr: "", files: new Map() };
  let log = "";
  const known: Partial<Door> = {
    hello: () => ({ ...root, ...host }),
    print(descriptor, text) {
      if (descriptor === 1) memory.stdout += text;
      else memory.stderr += text;
    },
    openLog(path) {
      if (path.startsWith("/missing/")) throw new TsrunError("kernel", `open ${path}: no such file or directory`);
      log = path;
      memory.files.set(path, memory.files.get(path) ?? "");
    },
    appendLog(line) {
      memory.files.set(log, (memory.files.get(log) ?? "") + line);
    },
    createText(path, text) {
      if (memory.files.has(path)) throw new TsrunError("kernel", `open ${path}: file exists`, { errno: "EEXIST" });
      memory.files.set(path, text);
    },
    now: () => moment,
    ...overrides,
  };
  const door = new Proxy(known, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (method !== undefined) return method;
      throw new Error(`the door's ${String(name)} was not expected to be called`);
    },
  });
  return { door: door as Door, memory };
}
