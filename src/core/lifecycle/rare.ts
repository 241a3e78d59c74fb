import type { Config } from "../generated/config.js";
import type { Rare } from "../plan/request.js";

/** The planners that only some configurations need, for one that does. */
export async function rareOf({ process, linux }: Config): Promise<{ readonly rare?: Rare }> {
  const asked = process?.scheduler ?? process?.ioPriority ?? linux?.personality ?? linux?.seccomp?.listenerPath;
  return asked === undefined ? {} : { rare: await import("../plan/rare.js") };
}
