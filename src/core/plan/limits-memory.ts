import { TsrunError } from "../error.js";
import type { Memory } from "../generated/config.js";
import {
  asked,
  type Demand,
  type FileWrite,
  flexibly,
  type Layout,
  layout,
  mayPut,
  put,
  type Wanted,
  type Whole,
} from "./limits.js";

const unlimited = (value: Whole): string => (value < 0 ? "max" : `${value}`);

/** No limit asks nothing of a kernel that does not count. */
const limit = (file: string, value: Whole, word: string): FileWrite =>
  flexibly(value < 0 ? mayPut(file, word) : put(file, word));

export function memoryDemands(memory: Memory, { standing, fresh }: Wanted): readonly Demand[] {
  const demands: Demand[] = [];
  const demand = (name: keyof Memory, v1: Layout, v2: Layout): void => {
    demands.push({ pointer: `/linux/resources/memory/${name}`, v1, v2 });
  };
  const both = (name: keyof Memory, v1: FileWrite, v2: FileWrite): void => {
    demand(name, layout("memory", v1), layout("memory", v2));
  };
  const { reservation, swappiness, disableOOMKiller } = memory;
  const whole = standing.memory ?? memory;
  const most = whole.limit;
  const swap = swapOf(whole);
  if (asked(memory.limit))
    both(
      "limit",
      limit("memory.limit_in_bytes", memory.limit, `${memory.limit}`),
      limit("memory.max", memory.limit, unlimited(memory.limit)),
    );
  if (asked(swap) && (asked(memory.limit) || asked(memory.swap)))
    both("swap", limit("memory.memsw.limit_in_bytes", swap, `${swap}`), swapAlone(most, swap));
  if (asked(reservation))
    both(
      "reservation",
      limit("memory.soft_limit_in_bytes", reservation, `${reservation}`),
      limit("memory.low", reservation, unlimited(reservation)),
    );
  if (swappiness !== undefined && (asked(swappiness) || !fresh))
    demand("swappiness", layout("memory", put("memory.swappiness", `${swappiness}`)), unlessZero(asked(swappiness)));
  if (disableOOMKiller === true || (disableOOMKiller === false && !fresh))
    demand(
      "disableOOMKiller",
      layout("memory", put("memory.oom_control", disableOOMKiller ? "1" : "0")),
      unlessZero(disableOOMKiller),
    );
  for (const name of ["kernel", "kernelTCP"] as const)
    if (asked(memory[name])) demand(name, withoutEffect, withoutEffect);
  // a cgroup v2 always counts what is below it
  if (memory.useHierarchy === true)
    demand("useHierarchy", layout("memory", mayPut("memory.use_hierarchy", "1")), layout("memory"));
  return demands;
}

const withoutEffect: Layout = {
  controller: "memory",
  files: [],
  ignored: "the kernel has no limit of its own for it any more",
};

/** Docker and Kubernetes send it whatever the host is. */
function unlessZero(wanted: boolean): Layout {
  return { controller: "memory", files: [], ...(wanted ? { ignored: "cgroup v2 has no such setting" } : {}) };
}

/** A limit that is taken away takes the limit on memory and swap away as well. */
function swapOf({ limit: most, swap }: Memory): Whole | undefined {
  return most !== undefined && most < 0 && !asked(swap) ? most : swap;
}

/** v1 limits memory and swap together, v2 swap alone. */
function swapAlone(most: Whole | undefined, swap: Whole): FileWrite {
  if (swap < 0) return mayPut("memory.swap.max", "max");
  if (most !== undefined && most < 0) return put("memory.swap.max", `${swap}`);
  if (asked(most) && BigInt(swap) >= BigInt(most)) {
    const rest = BigInt(swap) - BigInt(most);
    // without swap there is none to forbid
    return rest === 0n ? mayPut("memory.swap.max", "0") : put("memory.swap.max", `${rest}`);
  }
  const pointer = "/linux/resources/memory/swap";
  throw new TsrunError(
    "config",
    `config.json: ${pointer}: expected at least /linux/resources/memory/limit, found ${swap}`,
    { pointer },
  );
}
