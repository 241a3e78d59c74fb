import type { Config } from "../generated/config.js";
import { isObject } from "./check.js";

/** A member of the specification that tsrun does not build yet. A step `*` stands for every item or member. */
interface Unsupported {
  readonly steps: readonly string[];
  /** Only these values; any value that asks for something where absent. */
  readonly values?: readonly string[];
}

const at = (pointer: string, ...values: readonly string[]): Unsupported => {
  const steps = pointer.split("/").slice(1);
  return values.length === 0 ? { steps } : { steps, values };
};

export const unsupported: readonly Unsupported[] = [
  at("/process/apparmorProfile"),
  at("/process/selinuxLabel"),
  at("/process/scheduler"),
  at("/process/ioPriority"),
  at("/mounts/*/uidMappings"),
  at("/mounts/*/gidMappings"),
  at("/mounts/*/options/*", "idmap", "ridmap", "tmpcopyup", "copy-symlink", "src-nofollow", "dest-nofollow"),
  at("/hooks/createContainer"),
  at("/hooks/startContainer"),
  at("/linux/netDevices"),
  at("/linux/mountLabel"),
  at("/linux/intelRdt"),
  at("/linux/memoryPolicy"),
  at("/linux/personality/domain", "LINUX32"),
  at("/linux/personality/flags"),
  at("/linux/resources/rdma"),
  at("/linux/resources/blockIO/leafWeight"),
  at("/linux/resources/blockIO/weightDevice/*/leafWeight"),
  at("/linux/seccomp/listenerPath"),
  at("/linux/seccomp/listenerMetadata"),
  at("/linux/seccomp/defaultAction", "SCMP_ACT_NOTIFY"),
  at("/linux/seccomp/syscalls/*/action", "SCMP_ACT_NOTIFY"),
  at("/linux/seccomp/flags/*", "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"),
];

/** A value that asks for something that is not built. */
export interface Request {
  readonly pointer: string;
  readonly value: unknown;
}

/** All of them; null, false, "", 0, [] and {} ask for nothing. */
export function unsupportedRequests(config: Config): readonly Request[] {
  const found: Request[] = [];
  for (const { steps, values } of unsupported) follow(config, steps, 0, values, found);
  return found;
}

/** As in check.ts, pointers are built from the inside out, and only where something was found. */
function follow(
  value: unknown,
  steps: readonly string[],
  depth: number,
  values: readonly string[] | undefined,
  found: Request[],
): void {
  const step = steps[depth];
  if (step === undefined) {
    if (values === undefined ? asksSomething(value) : values.includes(value as string))
      found.push({ pointer: "", value });
  } else if (Array.isArray(value)) {
    if (step === "*")
      value.forEach((item, index) => {
        within(String(index), item);
      });
  } else if (isObject(value)) {
    const member = value[step];
    if (member !== undefined) within(step, member);
  }

  function within(name: string, inner: unknown): void {
    const from = found.length;
    follow(inner, steps, depth + 1, values, found);
    for (let i = from; i < found.length; i++) {
      const request = found[i];
      if (request !== undefined) found[i] = { ...request, pointer: `/${name}${request.pointer}` };
    }
  }
}

function asksSomething(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return Boolean(value);
  return Object.keys(value).length > 0;
}
