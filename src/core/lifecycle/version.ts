import { commit, specVersion, version as number } from "../version.js";
import type { Verb } from "./verb.js";

/** Prints the lines that callers read from `runc --version`; no other line may hold the word version. */
export const version: Verb = ({ door, host }) => {
  const lines = [
    `tsrun version ${number}`,
    `commit: ${commit === "" ? "unknown" : commit}`,
    `spec: ${specVersion}`,
    `libseccomp: ${host.libseccomp}`,
  ];
  door.print(1, `${lines.join("\n")}\n`);
  return 0;
};
