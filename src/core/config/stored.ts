import type { Config } from "../generated/config.js";
import { readExactly } from "./json.js";

/** The configuration that a container was made from, as its state keeps it: it was examined then. */
export function readStored(text: string): Config {
  // 2^53 has sixteen digits
  const large = /[0-9]{16}/.test(text);
  return (large ? readExactly(text, true) : JSON.parse(text)) as Config;
}
