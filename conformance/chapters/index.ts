// The chapters in the order in which they are told.
import type { Chapter } from "../chapter.js";
import { processes } from "./01-processes.js";
import { names } from "./02-hostname.js";

export const chapters: readonly Chapter[] = [processes, names];
