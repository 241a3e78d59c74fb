import type { Sample } from "./sample.js";

/** 64 bits of the kernel, exactly; see writeExactly. */
type Count = bigint;

const none = 2n ** 64n - 1n;
/** A tick of cpuacct.stat in nanoseconds: USER_HZ is 100 on every machine. */
const tick = 10_000_000n;

/** The `data` of runc's event "stats", in its member names and units: nanoseconds and bytes. */
export function statisticsOf(sample: Sample): object {
  return {
    cpu: { ...cpuOf(sample), ...pressure(sample, "cpu") },
    cpuset: cpusetOf(sample),
    memory: { ...memoryOf(sample), ...pressure(sample, "memory") },
    pids: { current: count(sample, "pids.current"), limit: limitOr(sample, "pids.max", 0n) },
    blkio: { ...blockOf(sample), ...pressure(sample, "io") },
    hugetlb: Object.fromEntries(sample.sizes.map((size) => [size, hugeOf(sample, size)])),
    intel_rdt: {},
    network_interfaces: null,
  };
}

function whole(text: string | undefined): Count {
  return text !== undefined && /^-?[0-9]+$/.test(text) ? BigInt(text) : 0n;
}

const count = (sample: Sample, file: string): Count => whole(sample.text(file)?.trim());

function limitOr(sample: Sample, file: string, unlimited: Count): Count {
  return sample.text(file)?.trim() === "max" ? unlimited : count(sample, file);
}

/** Lines of a name and a number. */
function table(text: string | undefined): Readonly<Record<string, Count>> {
  const rows = (text ?? "").split("\n").map((line) => line.split(" "));
  return Object.fromEntries<Count>(
    rows.filter(([, value]) => value !== undefined).map(([name = "", value]) => [name, whole(value)] as const),
  );
}

function cpuOf(sample: Sample): object {
  const stat = table(sample.text("cpu.stat"));
  const { nr_periods: periods = 0n, nr_throttled: throttledPeriods = 0n } = stat;
  if (sample.version("cpuacct") !== 1) {
    const micro = (name: string): Count => (stat[name] ?? 0n) * 1000n;
    return {
      usage: { total: micro("usage_usec"), kernel: micro("system_usec"), user: micro("user_usec") },
      throttling: { periods, throttledPeriods, throttledTime: micro("throttled_usec") },
    };
  }
  const { user = 0n, system = 0n } = table(sample.text("cpuacct.stat"));
  const all = (sample.text("cpuacct.usage_all") ?? "").trim().split("\n").slice(1);
  const column = (index: number): Count[] => all.map((line) => whole(line.split(" ")[index]));
  return {
    usage: {
      total: count(sample, "cpuacct.usage"),
      percpu: (sample.text("cpuacct.usage_percpu") ?? "").trim().split(" ").map(whole),
      percpu_kernel: column(2),
      percpu_user: column(1),
      kernel: system * tick,
      user: user * tick,
    },
    throttling: { periods, throttledPeriods, throttledTime: stat["throttled_time"] ?? 0n },
  };
}

function cpusetOf(sample: Sample): object {
  if (sample.version("cpuset") !== 1)
    return {
      cpus: numbers(sample.text("cpuset.cpus.effective")),
      mems: numbers(sample.text("cpuset.mems.effective")),
    };
  const flags = [
    ...["cpu_exclusive", "mem_hardwall", "mem_exclusive", "memory_migrate", "memory_spread_page", "memory_spread_slab"],
    ...["memory_pressure", "sched_load_balance", "sched_relax_domain_level"],
  ];
  return {
    cpus: numbers(sample.text("cpuset.cpus")),
    mems: numbers(sample.text("cpuset.mems")),
    ...Object.fromEntries(flags.map((name) => [name, count(sample, `cpuset.${name}`)])),
  };
}

/** "0-2,5" */
function numbers(list = ""): number[] {
  return list
    .trim()
    .split(",")
    .filter((range) => range !== "")
    .flatMap((range) => {
      const [first = 0, last = first] = range.split("-").map((text) => Number(whole(text)));
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
}

function memoryOf(sample: Sample): object {
  const raw = table(sample.text("memory.stat"));
  if (sample.version("memory") === 1) {
    const entry = (group: string): object => ({
      limit: count(sample, `${group}.limit_in_bytes`),
      usage: count(sample, `${group}.usage_in_bytes`),
      max: count(sample, `${group}.max_usage_in_bytes`),
      failcnt: count(sample, `${group}.failcnt`),
    });
    return {
      cache: raw["cache"] ?? 0n,
      usage: entry("memory"),
      swap: entry("memory.memsw"),
      kernel: entry("memory.kmem"),
      kernelTCP: entry("memory.kmem.tcp"),
      raw,
    };
  }
  const usage = count(sample, "memory.current");
  const limit = limitOr(sample, "memory.max", none);
  const swap = limitOr(sample, "memory.swap.max", none);
  const { max: failcnt = 0n } = table(sample.text("memory.events"));
  const both = limit === none || swap === none ? none : limit + swap;
  return {
    cache: raw["file"] ?? 0n,
    usage: { limit, usage, max: count(sample, "memory.peak"), failcnt },
    // as version 1 has it: memory and swap together
    swap: { limit: both, usage: usage + count(sample, "memory.swap.current"), failcnt: 0n },
    kernel: { limit: 0n, failcnt: 0n },
    kernelTCP: { limit: 0n, failcnt: 0n },
    raw,
  };
}

interface Entry {
  readonly major: number;
  readonly minor: number;
  readonly op: string;
  readonly value: Count;
}

function blockOf(sample: Sample): object {
  if (sample.version("blkio") === 1)
    return {
      ioServiceBytesRecursive: entries(sample, "io_service_bytes_recursive"),
      ioServicedRecursive: entries(sample, "io_serviced_recursive"),
    };
  const lines = (sample.text("io.stat") ?? "").split("\n").filter((line) => line.includes(":"));
  const pick = (names: readonly (readonly [name: string, op: string])[]): Entry[] =>
    lines.flatMap((line) => {
      const [device = "", ...members] = line.split(" ");
      return names.map(([name, op]) => {
        const found = members.find((member) => member.startsWith(`${name}=`));
        return entry(device, op, found?.slice(name.length + 1));
      });
    });
  return {
    ioServiceBytesRecursive: pick([
      ["rbytes", "Read"],
      ["wbytes", "Write"],
    ]),
    ioServicedRecursive: pick([
      ["rios", "Read"],
      ["wios", "Write"],
    ]),
  };
}

/** What the scheduler BFQ counted, else what passed the throttle. */
function entries(sample: Sample, name: string): Entry[] {
  const read = (file: string): Entry[] =>
    (sample.text(file) ?? "").split("\n").flatMap((line) => {
      const [device = "", op = "", value] = line.split(" ");
      return value === undefined ? [] : [entry(device, op, value)];
    });
  const bfq = read(`blkio.bfq.${name}`);
  return bfq.length > 0 ? bfq : read(`blkio.throttle.${name}`);
}

function entry(device: string, op: string, value: string | undefined): Entry {
  const [major = 0, minor = 0] = device.split(":").map((text) => Number(whole(text)));
  return { major, minor, op, value: whole(value) };
}

function hugeOf(sample: Sample, size: string): object {
  const file = `hugetlb.${size}`;
  if (sample.version("hugetlb") === 1)
    return {
      usage: count(sample, `${file}.usage_in_bytes`),
      max: count(sample, `${file}.max_usage_in_bytes`),
      failcnt: count(sample, `${file}.failcnt`),
    };
  const { max: failcnt = 0n } = table(sample.text(`${file}.events`));
  return { usage: count(sample, `${file}.current`), failcnt };
}

/** `some avg10=0.00 avg60=0.00 avg300=0.00 total=0`, the same for `full`. */
function pressure(sample: Sample, name: string): { readonly psi?: object } {
  const lines = (sample.text(`${name}.pressure`) ?? "").split("\n").filter((line) => line !== "");
  if (lines.length === 0) return {};
  const psi: Record<string, object> = {};
  for (const line of lines) {
    const [kind = "", ...members] = line.split(" ");
    const pairs = members.map((member) => member.split("=")).map(([key = "", value]) => [key, exact(value)] as const);
    psi[kind] = Object.fromEntries<symbol>(pairs);
  }
  return { psi };
}

/** A number with a fraction, which writeExactly writes as it stands. */
const exact = (text = ""): symbol => Symbol(/^[0-9]+(\.[0-9]+)?$/.test(text) ? text : "0");
