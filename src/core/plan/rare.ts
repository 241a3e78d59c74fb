/** Planners of what few configurations have, in one chunk: it is loaded where a configuration has any of it. */
export { planPersonality } from "./personality.js";
export { planScheduling } from "./scheduling.js";
export { planListener } from "./seccomp-listener.js";
