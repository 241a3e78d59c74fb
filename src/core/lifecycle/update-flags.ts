import type { Options } from "../command/grammar.js";
import { TsrunError } from "../error.js";
import type { Resources } from "../generated/config.js";

/** The flags of update as the member of linux.resources that each of them is. */
const numbers = {
  "blkio-weight": ["blockIO", "weight"],
  "cpu-period": ["cpu", "period"],
  "cpu-quota": ["cpu", "quota"],
  "cpu-burst": ["cpu", "burst"],
  "cpu-share": ["cpu", "shares"],
  "cpu-rt-period": ["cpu", "realtimePeriod"],
  "cpu-rt-runtime": ["cpu", "realtimeRuntime"],
  "cpu-idle": ["cpu", "idle"],
  "pids-limit": ["pids", "limit"],
} as const;

const sizes = {
  memory: ["memory", "limit"],
  "memory-reservation": ["memory", "reservation"],
  "memory-swap": ["memory", "swap"],
  "kernel-memory": ["memory", "kernel"],
  "kernel-memory-tcp": ["memory", "kernelTCP"],
} as const;

const texts = {
  "cpuset-cpus": ["cpu", "cpus"],
  "cpuset-mems": ["cpu", "mems"],
} as const;

export function resourcesOfFlags(options: Options): Resources {
  const groups: Record<string, Record<string, unknown>> = {};
  const read = <Name extends keyof Options>(
    table: Readonly<Partial<Record<Name, readonly [string, string]>>>,
    value: (name: string, text: string) => unknown,
  ): void => {
    for (const [name, target] of Object.entries(table) as [Name, readonly [string, string]][]) {
      const text = options[name];
      if (text === undefined) continue;
      const [group, member] = target;
      groups[group] = { ...groups[group], [member]: value(name, String(text)) };
    }
  };
  read(numbers, wholeValue);
  read(sizes, sizeValue);
  read(texts, (_, text) => text);
  return groups;
}

function wholeValue(name: string, text: string): number {
  const number = /^-?[0-9]+$/.test(text) ? safe(BigInt(text)) : undefined;
  if (number === undefined) throw wrong(name, "a whole number", text);
  if (number < 0 && !["cpu-quota", "cpu-rt-runtime", "pids-limit"].includes(name))
    throw wrong(name, "a whole number from 0", text);
  if (name === "cpu-idle" && number > 1) throw wrong(name, "0 or 1", text);
  if (name === "blkio-weight" && number > 65_535) throw wrong(name, "a whole number from 0 to 65535", text);
  return number;
}

/** 512M, 1.5g, 100kb, 4096; -1: no limit. Units are powers of 1024. */
export function sizeValue(name: string, text: string): number {
  if (text === "-1") return -1;
  const [, digits, fraction = "", unit = ""] = /^([0-9]+)(?:\.([0-9]+))? ?([kmgtp]?)i?b?$/i.exec(text) ?? [];
  if (digits === undefined) throw wrong(name, "a size like 512M, or -1", text);
  const scale = 1024n ** BigInt(unit === "" ? 0 : "kmgtp".indexOf(unit.toLowerCase()) + 1);
  const bytes = safe((BigInt(digits + fraction) * scale) / 10n ** BigInt(fraction.length));
  if (bytes === undefined) throw wrong(name, "a size like 512M, or -1", text);
  return bytes;
}

function safe(value: bigint): number | undefined {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : undefined;
}

function wrong(name: string, expected: string, found: string): TsrunError {
  return new TsrunError("usage", `invalid value of --${name}: expected ${expected}, found ${JSON.stringify(found)}`);
}
