/** The verbs that read a bundle, in one chunk: a chunk costs each call that loads it more than the code of the other verbs does. */
export { create } from "./create.js";
export { plan } from "./plan.js";
export { run } from "./run.js";
export { validate } from "./validate.js";
