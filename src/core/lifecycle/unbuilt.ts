import { TsrunError } from "../error.js";
import type { Verb } from "./verb.js";

// Callers ask by `checkpoint --help` and `restore --lsm-mount-context` what a runtime has: the grammar knows the flags.

export const checkpoint: Verb = () => {
  throw new TsrunError("unsupported", "checkpoint is not built yet: tsrun cannot save a container");
};

export const restore: Verb = () => {
  throw new TsrunError("unsupported", "restore is not built yet: tsrun cannot bring back a saved container");
};
