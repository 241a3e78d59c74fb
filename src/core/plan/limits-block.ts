import type { BlockIO } from "../generated/config.js";
import { asked, type Demand, type FileWrite, layout, put, type Whole } from "./limits.js";

/** v1 throttles by file, v2 by a word in io.max. */
const throttles = [
  ["throttleReadBpsDevice", "blkio.throttle.read_bps_device", "rbps"],
  ["throttleWriteBpsDevice", "blkio.throttle.write_bps_device", "wbps"],
  ["throttleReadIOPSDevice", "blkio.throttle.read_iops_device", "riops"],
  ["throttleWriteIOPSDevice", "blkio.throttle.write_iops_device", "wiops"],
] as const;

/** From 10 to 1000 in the configuration, from 1 to 10000 in io.weight. */
export const ioWeight = (value: Whole): string => String(Math.floor(1 + ((Number(value) - 10) * 9999) / 990));

/** The file of the scheduler BFQ, which takes the number as it is; where it is not built, that of another. */
const bfqOrCost = (value: string, elseValue: string): FileWrite => ({
  file: "io.bfq.weight",
  values: [value],
  elseFile: "io.weight",
  elseValues: [elseValue],
});

export function blockDemands(block: BlockIO): readonly Demand[] {
  const demands: Demand[] = [];
  const demand = (name: string, v1: FileWrite, v2: FileWrite): void => {
    demands.push({
      pointer: `/linux/resources/blockIO/${name}`,
      v1: layout("blkio", v1),
      v2: layout("io", v2),
    });
  };
  const { weight, weightDevice = [] } = block;
  if (asked(weight)) demand("weight", put("blkio.bfq.weight", `${weight}`), bfqOrCost(`${weight}`, ioWeight(weight)));
  weightDevice.forEach(({ major, minor, weight: share }, index) => {
    const device = `${major}:${minor}`;
    if (asked(share))
      demand(
        `weightDevice/${index}`,
        put("blkio.bfq.weight_device", `${device} ${share}`),
        bfqOrCost(`${device} ${share}`, `${device} ${ioWeight(share)}`),
      );
  });
  for (const [name, file, word] of throttles)
    (block[name] ?? []).forEach(({ major, minor, rate = 0 }, index) => {
      const device = `${major}:${minor}`;
      demand(
        `${name}/${index}`,
        put(file, `${device} ${rate}`),
        put("io.max", `${device} ${word}=${asked(rate) ? rate : "max"}`),
      );
    });
  return demands;
}
