import { TsrunError } from "../error.js";
import type { Cpu } from "../generated/config.js";
import {
  asked,
  type Demand,
  flexibly,
  type Layout,
  layout,
  mayPut,
  nowhere,
  put,
  type Wanted,
  type Whole,
} from "./limits.js";

export function cpuDemands(cpu: Cpu, { standing, fresh }: Wanted): readonly Demand[] {
  const demands: Demand[] = [];
  const demand = (name: keyof Cpu, v1: Layout, v2: Layout): void => {
    demands.push({ pointer: `/linux/resources/cpu/${name}`, v1, v2 });
  };
  const both = (name: keyof Cpu, controller: string, v1: string, v2: string, value: string): void => {
    demand(name, layout(controller, flexibly(put(v1, value))), layout(controller, flexibly(put(v2, value))));
  };
  const { shares, burst, realtimePeriod, realtimeRuntime, idle, cpus, mems } = cpu;
  if (asked(shares)) demand("shares", sharesOf(shares), layout("cpu", put("cpu.weight", weight(shares))));
  if (burst !== undefined && (asked(burst) || !fresh))
    both("burst", "cpu", "cpu.cfs_burst_us", "cpu.max.burst", `${burst}`);
  if (asked(cpu.period) || asked(cpu.quota))
    demand(asked(cpu.quota) ? "quota" : "period", bandwidth(cpu), maximum(cpu, standing.cpu ?? cpu));
  if (asked(realtimePeriod))
    demand("realtimePeriod", layout("cpu", flexibly(put("cpu.rt_period_us", `${realtimePeriod}`))), nowhere("cpu"));
  if (asked(realtimeRuntime))
    demand("realtimeRuntime", layout("cpu", flexibly(put("cpu.rt_runtime_us", `${realtimeRuntime}`))), nowhere("cpu"));
  // after shares: a group that is idle has no weight of its own
  if (idle !== undefined && (asked(idle) || !fresh)) {
    const file = asked(idle) ? put("cpu.idle", `${idle}`) : mayPut("cpu.idle", "0");
    demand("idle", layout("cpu", file), layout("cpu", file));
  }
  if (cpus) both("cpus", "cpuset", "cpuset.cpus", "cpuset.cpus", cpus);
  if (mems) both("mems", "cpuset", "cpuset.mems", "cpuset.mems", mems);
  return demands;
}

const leastShares = 2;
const mostShares = 262_144;

/** The kernel would take any number and make it one of these without a word. */
function sharesOf(shares: Whole): Layout {
  const pointer = "/linux/resources/cpu/shares";
  if (shares < leastShares) throw unfit(pointer, `the minimum allowed cpu-shares is ${leastShares}`);
  if (shares > mostShares) throw unfit(pointer, `the maximum allowed cpu-shares is ${mostShares}`);
  return layout("cpu", put("cpu.shares", `${shares}`));
}

function unfit(pointer: string, words: string): TsrunError {
  return new TsrunError("config", `config.json: ${pointer}: ${words}`, { pointer });
}

/** Each is checked against the other, and both against the parent's: which one goes first depends on what is in force. */
function bandwidth({ period, quota }: Cpu): Layout {
  return layout(
    "cpu",
    ...(asked(period) ? [flexibly(put("cpu.cfs_period_us", `${period}`))] : []),
    ...(asked(quota) ? [flexibly(put("cpu.cfs_quota_us", `${quota}`))] : []),
  );
}

/** A quota alone keeps the period that the kernel has; a period needs its quota beside it. */
function maximum({ period }: Cpu, { quota }: Cpu): Layout {
  const most = asked(quota) && quota > 0 ? `${quota}` : "max";
  return layout("cpu", flexibly(put("cpu.max", asked(period) ? `${most} ${period}` : most)));
}

/** cpu.shares (2 to 262144) as cpu.weight (1 to 10000): a curve through (2, 1), (1024, 100) and (262144, 10000). */
export function weight(shares: Whole): string {
  const value = Number(shares);
  if (value <= leastShares) return "1";
  if (value >= mostShares) return "10000";
  const l = Math.log2(value);
  return String(Math.ceil(10 ** ((l * l + 125 * l) / 612 - 7 / 34)));
}
