// The chapters on security: for each advisory about container runtimes a check that bears its number.
import type { Chapter } from "../chapter.js";
import { paths } from "./paths.js";
import { procfs } from "./procfs.js";

export const security: readonly Chapter[] = [paths, procfs];
