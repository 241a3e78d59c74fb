import type { Config } from "../../generated/config.js";

/** Called for each value that breaks a rule: what had to be there, and the words for what was found. */
export type Refuse = (pointer: string, expected: string, found: string) => void;

/** Something that the schema cannot say. Lists may have holes where `problems` took out what the schema refuses: visit them with forEach. */
export type Rule = (config: Config, refuse: Refuse) => void;
