import { TsrunError } from "../error.js";

const allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+.-";

/** A container's id becomes the name of a directory (NAME_MAX is 255 bytes) and part of cgroup paths. Fails when it cannot. */
export function checkId(id: string): void {
  const wellFormed = id !== "" && id !== "." && id !== ".." && id.length <= 255;
  if (wellFormed && Array.from(id).every((character) => allowed.includes(character))) return;
  throw new TsrunError("usage", `invalid container ID format: ${JSON.stringify(id)}`);
}
