import type { Resources } from "../generated/config.js";
import { blockDemands } from "./limits-block.js";
import { cpuDemands } from "./limits-cpu.js";
import { memoryDemands } from "./limits-memory.js";
import { hugepageDemands, networkDemands, pidsDemand, rdmaDemands, unifiedDemands } from "./limits-other.js";

/** Values for one file of a cgroup. */
export interface FileWrite {
  readonly file: string;
  readonly values: string[];
  /** A host without the file is content. */
  readonly optional?: true;
  /** Where the file is missing, these values go to another. */
  readonly elseFile?: string;
  readonly elseValues?: string[];
  /** What the kernel refuses beside the limits in force is tried again after the writes that follow. */
  readonly flexible?: true;
}

/** What one layout makes of a value; without `files` or `rules` it cannot apply it. */
export interface Layout {
  readonly controller: string;
  readonly files?: readonly FileWrite[];
  /** Rules for devices, which cgroup v2 has no files for. */
  readonly rules?: string[];
  /** Why the value has no effect there; engines send it all the same, so it is no fault. */
  readonly ignored?: string;
}

/** One value of linux.resources and the files that take it. */
export interface Demand {
  readonly pointer: string;
  readonly v1: Layout;
  readonly v2: Layout;
  /** When init is ready: until then it may need one process more than the container may have. */
  readonly late?: true;
}

/** What is asked of a cgroup. */
export interface Wanted {
  /** What is to be set. */
  readonly given: Resources;
  /** What holds afterwards: the other half of a pair is taken from it. */
  readonly standing: Resources;
  /** Nothing was set before: a zero needs no write to take back what is there. */
  readonly fresh: boolean;
}

export type Whole = number | bigint;

/** A value that is absent, zero or false asks for nothing. */
export const asked = (value: Whole | undefined): value is Whole => value !== undefined && value !== 0 && value !== 0n;

export const put = (file: string, value: string): FileWrite => ({ file, values: [value] });
export const mayPut = (file: string, value: string): FileWrite => ({ file, values: [value], optional: true });
export const flexibly = (write: FileWrite): FileWrite => ({ ...write, flexible: true });
export const layout = (controller: string, ...files: readonly FileWrite[]): Layout => ({ controller, files });
export const nowhere = (controller: string): Layout => ({ controller });

/** `unified` comes last: its lines are the caller's last word on a file. */
export function demandsOf(wanted: Wanted): readonly Demand[] {
  const { cpu, memory, pids, blockIO, hugepageLimits, network, rdma, unified } = wanted.given;
  return [
    ...(cpu === undefined ? [] : cpuDemands(cpu, wanted)),
    ...(memory === undefined ? [] : memoryDemands(memory, wanted)),
    ...(pids === undefined ? [] : [pidsDemand(pids.limit)]),
    ...(blockIO === undefined ? [] : blockDemands(blockIO)),
    ...(hugepageLimits === undefined ? [] : hugepageDemands(hugepageLimits)),
    ...(network === undefined ? [] : networkDemands(network)),
    ...(rdma === undefined ? [] : rdmaDemands(rdma)),
    ...(unified === undefined ? [] : unifiedDemands(unified)),
  ];
}
