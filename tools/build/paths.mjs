// Where things stand in the checkout.
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
export const dist = `${root}/dist`;
export const native = `${root}/native`;
/** Products that are needed by a later part only. */
export const build = `${root}/build`;
