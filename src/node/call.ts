// Calls a verb of the core as the command line would, but with typed options, and answers what it would have printed.
import { type Globals, resolveGlobals } from "../core/command/globals.js";
import type { GlobalValues, Options, VerbName } from "../core/command/grammar.js";
import { loadVerb } from "../core/dispatch.js";
import type { Door } from "../core/door.js";
import { checkId } from "../core/lifecycle/id.js";
import { greet } from "../core/main.js";
import { openDoor } from "./door.js";

export interface Call {
  readonly verb: VerbName;
  readonly globals: GlobalValues;
  readonly options: Options;
  /** The container's id first, if the verb has one. */
  readonly operands: readonly string[];
}

export interface Answer {
  readonly status: number;
  /** What the verb printed on standard output. */
  readonly text: string;
}

/** The library is loaded by the first call and kept. */
let opened: Door | undefined;

export async function call({ verb, globals, options, operands }: Call): Promise<Answer> {
  const [id] = operands;
  if (id !== undefined) checkId(id);
  opened ??= openDoor();
  // Asked again by each call: the working directory may be another one by now.
  const host = greet(opened);
  const resolved: Globals = resolveGlobals(globals, host);
  const { door, printed } = listening(opened);
  const status = await (await loadVerb[verb]())({ door, host, globals: resolved, options, operands });
  return { status, text: printed.join("") };
}

/** A door whose standard output is kept instead of printed. */
function listening(door: Door): { readonly door: Door; readonly printed: readonly string[] } {
  const printed: string[] = [];
  const print: Door["print"] = (descriptor, text) => {
    if (descriptor === 1) printed.push(text);
    else door.print(descriptor, text);
  };
  return { door: { ...door, print }, printed };
}
