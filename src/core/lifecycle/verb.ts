import type { Globals } from "../command/globals.js";
import type { Options } from "../command/grammar.js";
import type { Door, Greeting } from "../door.js";

/** What a verb is called with. The command line was checked: counts, kinds of values, the form of a container's id. */
export interface Context {
  readonly door: Door;
  readonly host: Greeting;
  readonly globals: Globals;
  /** Under the names of the command line: `options["pid-file"]`. */
  readonly options: Options;
  readonly operands: readonly string[];
}

/** Does what the verb says and answers the exit status. Failures are thrown. */
export type Verb = (context: Context) => number | Promise<number>;
