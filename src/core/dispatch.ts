import type { VerbName } from "./command/grammar.js";
import type { Verb } from "./lifecycle/verb.js";

type Load = () => Promise<Verb>;

/** Each verb is loaded only when it is called: `state` must not pay for what `create` knows. */
export const loadVerb: Readonly<Record<VerbName | "version", Load>> = {
  create: async () => (await import("./lifecycle/making.js")).create,
  start: async () => (await import("./lifecycle/start.js")).start,
  run: async () => (await import("./lifecycle/making.js")).run,
  exec: async () => (await import("./lifecycle/exec.js")).exec,
  state: async () => (await import("./lifecycle/state.js")).state,
  kill: async () => (await import("./lifecycle/kill.js")).kill,
  update: async () => (await import("./lifecycle/update.js")).update,
  pause: async () => (await import("./lifecycle/pause.js")).pause,
  resume: async () => (await import("./lifecycle/pause.js")).resume,
  wait: async () => (await import("./lifecycle/wait.js")).wait,
  ps: async () => (await import("./lifecycle/ps.js")).ps,
  events: async () => (await import("./lifecycle/events.js")).events,
  delete: async () => (await import("./lifecycle/delete.js")).remove,
  list: async () => (await import("./lifecycle/list.js")).list,
  plan: async () => (await import("./lifecycle/making.js")).plan,
  validate: async () => (await import("./lifecycle/making.js")).validate,
  spec: async () => (await import("./lifecycle/spec.js")).spec,
  checkpoint: async () => (await import("./lifecycle/unbuilt.js")).checkpoint,
  restore: async () => (await import("./lifecycle/unbuilt.js")).restore,
  features: async () => (await import("./lifecycle/features.js")).features,
  doctor: async () => (await import("./lifecycle/doctor.js")).doctor,
  completion: async () => (await import("./lifecycle/completion.js")).completion,
  help: async () => (await import("./lifecycle/help.js")).help,
  version: async () => (await import("./lifecycle/version.js")).version,
};
