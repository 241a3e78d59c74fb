// The shape of one row in the tables of bad input.
import type { BundleConfig } from "../../examples/busybox-bundle.mjs";
import type { Trial } from "./trial.js";

export interface Case {
  readonly title: string;
  /** Arguments of the runtime; `create --bundle {bundle} {id}` if none are given. */
  readonly args?: readonly string[];
  /** Changes the default configuration. */
  readonly edit?: (config: BundleConfig) => void;
  /** config.json itself, where it is no changed default. */
  readonly text?: string;
  /** Done before the call, for example to bring a container into a state. */
  readonly prepare?: (trial: Trial) => void | Promise<void>;
  /** What the one line on standard error must say. */
  readonly says: RegExp;
  /** Status that the container, prepared beforehand, must still have afterwards. */
  readonly keeps?: string;
  /** Standard output has the help of the verb, as with runc; otherwise nothing. */
  readonly helps?: true;
  /** The command line is so wrong that no log can be asked for. */
  readonly unlogged?: boolean;
}

export const createArgs: readonly string[] = ["create", "--bundle", "{bundle}", "{id}"];
