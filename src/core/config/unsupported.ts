import type { Config, Linux } from "../generated/config.js";

/** A value that asks for something of the specification that tsrun does not build yet. */
export interface Request {
  readonly pointer: string;
  readonly value: unknown;
}

/** Members that are not built, by the pointer of the object that has them. */
const members = {
  "/process": ["apparmorProfile", "selinuxLabel"],
  "/linux": ["netDevices", "mountLabel", "intelRdt", "memoryPolicy"],
  "/linux/resources/blockIO": ["leafWeight"],
  "/linux/resources/blockIO/weightDevice/*": ["leafWeight"],
  "/linux/personality": ["flags"],
} as const;

/** All of them. Written for speed: every create pays for it, and nearly always nothing is found. */
export function unsupportedRequests({ process, mounts, linux }: Config): readonly Request[] {
  const found: Request[] = [];
  inObject(found, "/process", process, members["/process"]);
  for (let i = 0; mounts !== undefined && i < mounts.length; i++) {
    const mount = mounts[i];
    if (mount?.options !== undefined) inOptions(found, `/mounts/${i}/options`, mount.type, mount.options);
  }
  if (linux !== undefined) inLinux(found, linux);
  return found;
}

/** What is copied up is copied to a new tmpfs: with any other mount the word would do nothing. */
function inOptions(found: Request[], pointer: string, type: string | undefined, options: readonly string[]): void {
  const index = options.indexOf("tmpcopyup");
  if (index < 0 || (type === "tmpfs" && !options.includes("bind") && !options.includes("rbind"))) return;
  found.push({ pointer: `${pointer}/${index}`, value: "tmpcopyup" });
}

function inLinux(found: Request[], linux: Linux): void {
  const { personality, resources } = linux;
  inObject(found, "/linux", linux, members["/linux"]);
  inObject(found, "/linux/personality", personality, members["/linux/personality"]);
  const blockIO = resources?.blockIO;
  inObject(found, "/linux/resources/blockIO", blockIO, members["/linux/resources/blockIO"]);
  blockIO?.weightDevice?.forEach((device, index) => {
    const pointer = `/linux/resources/blockIO/weightDevice/${index}`;
    inObject(found, pointer, device, members["/linux/resources/blockIO/weightDevice/*"]);
  });
}

function inObject<Name extends string>(
  found: Request[],
  pointer: string,
  object: Readonly<Partial<Record<Name, unknown>>> | undefined,
  names: readonly Name[],
): void {
  if (object === undefined) return;
  for (const name of names) {
    const value: unknown = object[name];
    if (value !== undefined && asksSomething(value)) found.push({ pointer: `${pointer}/${name}`, value });
  }
}

/** null, false, 0, "", [] and {} ask for nothing. */
function asksSomething(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return Boolean(value);
  return Object.keys(value).length > 0;
}
