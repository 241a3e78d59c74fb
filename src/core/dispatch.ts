import type { VerbName } from "./command/grammar.js";
import type { Verb } from "./lifecycle/verb.js";

type Load = () => Promise<Verb>;

/** Each verb is loaded only when it is called: `state` must not pay for what `create` knows. */
export const loadVerb: Readonly<Partial<Record<VerbName, Load>> & Record<"version" | "help", Load>> = {
  spec: async () => (await import("./lifecycle/spec.js")).spec,
  features: async () => (await import("./lifecycle/features.js")).features,
  help: async () => (await import("./lifecycle/help.js")).help,
  version: async () => (await import("./lifecycle/version.js")).version,
};
