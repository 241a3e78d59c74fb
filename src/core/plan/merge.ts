import type { BlockIO, Cpu, Memory, Resources } from "../generated/config.js";
import { pageName } from "./limits-other.js";

/**
 * The resources after an update: what it does not name stays, and of lists what is about another device, page size or interface. As
 * everywhere a zero asks for nothing, but for the settings that can be switched off.
 */
export function mergeResources(stored: Resources, given: Resources): Resources {
  const { cpu, memory, blockIO, network } = given;
  return {
    ...stored,
    ...given,
    ...(cpu === undefined ? kept("cpu", stored) : { cpu: mergeCpu(stored.cpu ?? {}, cpu) }),
    ...(memory === undefined ? kept("memory", stored) : { memory: mergeMemory(stored.memory ?? {}, memory) }),
    ...(blockIO === undefined ? kept("blockIO", stored) : { blockIO: mergeBlock(stored.blockIO ?? {}, blockIO) }),
    ...(given.hugepageLimits === undefined
      ? kept("hugepageLimits", stored)
      : { hugepageLimits: upsert(stored.hugepageLimits, given.hugepageLimits, ({ pageSize }) => pageName(pageSize)) }),
    ...(network === undefined
      ? kept("network", stored)
      : {
          network: {
            ...overlay(stored.network ?? {}, network, []),
            priorities: upsert(stored.network?.priorities, network.priorities ?? [], ({ name }) => name),
          },
        }),
    ...(given.rdma === undefined ? kept("rdma", stored) : { rdma: { ...stored.rdma, ...given.rdma } }),
    ...(given.unified === undefined ? kept("unified", stored) : { unified: { ...stored.unified, ...given.unified } }),
  };
}

function kept<Name extends keyof Resources>(name: Name, stored: Resources): Pick<Resources, Name> {
  return stored[name] === undefined
    ? ({} as Pick<Resources, Name>)
    : ({ [name]: stored[name] } as Pick<Resources, Name>);
}

/** An idle group has no shares, and shares given anew end that it is idle. */
function mergeCpu(stored: Cpu, given: Cpu): Cpu {
  return overlay(stored, given, ["idle", "burst"]);
}

/** No limit on memory is no limit on memory and swap either. */
function mergeMemory(stored: Memory, given: Memory): Memory {
  const merged = overlay(stored, given, ["swappiness", "disableOOMKiller", "checkBeforeUpdate"]);
  const lifted = given.limit !== undefined && given.limit < 0 && !given.swap;
  return lifted ? { ...merged, swap: -1 } : merged;
}

const lists = [
  "throttleReadBpsDevice",
  "throttleWriteBpsDevice",
  "throttleReadIOPSDevice",
  "throttleWriteIOPSDevice",
  "weightDevice",
] as const;

function mergeBlock(stored: BlockIO, given: BlockIO): BlockIO {
  const merged = { ...overlay(stored, given, []) };
  for (const name of lists) {
    const list = upsert<{ readonly major: unknown; readonly minor: unknown }>(
      stored[name],
      given[name] ?? [],
      ({ major, minor }) => `${String(major)}:${String(minor)}`,
    );
    if (list.length > 0) Object.assign(merged, { [name]: list });
  }
  return merged;
}

function overlay<Group extends object>(stored: Group, given: Group, switches: readonly (keyof Group)[]): Group {
  const merged = { ...stored };
  for (const name of Object.keys(given) as (keyof Group)[]) {
    const value = given[name];
    const empty = value === undefined || value === 0 || value === 0n || value === "";
    if (!empty || (value !== undefined && switches.includes(name))) merged[name] = value;
  }
  return merged;
}

function upsert<Item extends object>(
  stored: readonly Item[] | undefined,
  given: readonly Item[],
  key: (item: Item) => string,
): Item[] {
  const items = new Map((stored ?? []).map((item) => [key(item), item]));
  for (const item of given) items.set(key(item), { ...items.get(key(item)), ...item });
  return [...items.values()];
}
