import { parseGvariant } from "../config/gvariant.js";
import type { Facts, Greeting } from "../door.js";
import { TsrunError } from "../error.js";
import type { Config } from "../generated/config.js";
import type { OutsideOp } from "../generated/plan.js";
import type { Unit } from "./request.js";

/** Name, D-Bus type and value. */
type Property = readonly [string, string, unknown];

/** The scope of systemd that the container is to be: linux.cgroupsPath is `slice:prefix:name` (the form that engines send). */
export function unitOf(config: Config, facts: Facts, id: string, host: Greeting): Unit {
  const wanted = config.linux?.cgroupsPath ?? "";
  const rootless = host.euid !== 0 || host.inUserNamespace;
  const parts = wanted === "" ? ["", "tsrun", id] : wanted.split(":");
  const [slice = "", prefix = "", name = ""] = parts;
  if (parts.length !== 3 || name === "")
    refuse(
      "/linux/cgroupsPath",
      `expected cgroupsPath to be of format "slice:prefix:name" for systemd cgroups, got "${wanted}" instead`,
    );
  if (name.endsWith(".slice") || !/^[\w:.\\@-]+$/.test(`${prefix}${name}`))
    refuse("/linux/cgroupsPath", `expected the name of a scope of systemd, found "${name}"`);
  const unit = `${prefix === "" ? "" : `${prefix}-`}${name}.scope`;
  const parent = slice === "" ? (rootless ? "user.slice" : "system.slice") : slice;
  const path = `${rootless ? userManager(facts, host) : ""}${expandSlice(parent)}/${unit}`;
  const bus = rootless ? userBus(host) : "/run/dbus/system_bus_socket";
  const fixed: readonly Property[] = [
    ["Description", "s", `tsrun container ${id}`],
    ["Slice", "s", parent],
    ["Delegate", "b", true],
    ["DefaultDependencies", "b", false],
    ...["CPUAccounting", "MemoryAccounting", "TasksAccounting", "IOAccounting", "BlockIOAccounting"].map(
      (each): Property => [each, "b", true],
    ),
    ...annotated(config.annotations ?? {}),
  ];
  return { bus, unit, path, start: (writes) => startUnit({ bus, unit, path }, fixed, writes) };
}

function refuse(pointer: string, words: string): never {
  throw new TsrunError("config", `config.json: ${pointer}: ${words}`, { pointer });
}

/** systemd.slice(5): `a-b.slice` lies in `a.slice`; `-.slice` is the root. */
export function expandSlice(slice: string): string {
  const name = slice.slice(0, -".slice".length);
  if (slice === "-.slice") return "";
  if (!slice.endsWith(".slice") || !/^[\w:.\\@]+(-[\w:.\\@]+)*$/.test(name))
    refuse("/linux/cgroupsPath", `invalid slice name: ${slice}`);
  const words = name.split("-");
  return words.map((_, index) => `/${words.slice(0, index + 1).join("-")}.slice`).join("");
}

/** Where the user's own systemd is: above the caller, or where logind puts it. */
function userManager({ cgroup }: Facts, host: Greeting): string {
  const own = cgroup.hierarchies.map((each) => /^.*\/user@\d+\.service(?=\/|$)/.exec(each.own)?.[0]);
  return own.find((each) => each !== undefined) ?? `/user.slice/user-${host.euid}.slice/user@${host.euid}.service`;
}

function userBus({ env }: Greeting): string {
  const address = env["DBUS_SESSION_BUS_ADDRESS"] ?? `unix:path=${env["XDG_RUNTIME_DIR"] ?? ""}/bus`;
  const [, kind = "", place = ""] = /^unix:(?:[^;]*,)?(path|abstract)=([^,;]+)/.exec(address) ?? [];
  const path = decodeURIComponent(place);
  if (path === "") throw new TsrunError("usage", `DBUS_SESSION_BUS_ADDRESS: expected unix:path=…, found ${address}`);
  return kind === "abstract" ? `@${path}` : path;
}

const prefix = "org.systemd.property.";

/** Properties that an annotation may set: none that starts a program or another unit, or that ends the machine (CVE-2024-3154). */
const allowed = new Set(
  (
    "After Before CollectMode CPUWeight CPUQuotaPerSecUSec Description Documentation FinalKillSignal IOWeight KillMode KillSignal " +
    "ManagedOOMMemoryPressure ManagedOOMPreference ManagedOOMSwap MemoryHigh MemoryLow MemoryMax MemoryMin MemorySwapMax OOMPolicy " +
    "RestartKillSignal RuntimeMaxUSec SendSIGHUP SendSIGKILL TasksMax TimeoutStopUSec WatchdogSignal"
  ).split(" "),
);

function annotated(annotations: Readonly<Record<string, string>>): readonly Property[] {
  return Object.entries(annotations).flatMap(([key, text]): Property[] => {
    if (!key.startsWith(prefix)) return [];
    const pointer = `/annotations/${key}`;
    const given = key.slice(prefix.length);
    const seconds = /[a-z]Sec$/.test(given) && !given.endsWith("USec");
    const name = seconds ? given.replace(/Sec$/, "USec") : given;
    if (!allowed.has(name)) refuse(pointer, `property ${given} may not be set by an annotation`);
    const found = parseGvariant(text);
    if (found === undefined)
      refuse(pointer, `expected a value in GVariant's text format, found ${JSON.stringify(text)}`);
    if (!seconds) return [[name, found.type, found.value]];
    if (typeof found.value !== "number" && !/^\d+$/.test(String(found.value)))
      refuse(pointer, `expected seconds, found ${JSON.stringify(text)}`);
    return [[name, "t", String(BigInt(String(found.value)) * 1_000_000n)]];
  });
}

const infinity = "18446744073709551615";

type Translation = (value: string) => readonly Property[];

const amount =
  (name: string): Translation =>
  (value) =>
    /^\d+$/.test(value) ? [[name, "t", value]] : value === "max" || value === "-1" ? [[name, "t", infinity]] : [];

/** What systemd calls the value of a cgroup's file: what it knows, it does not take back when it reads its units again. */
const translations: Readonly<Record<string, Translation>> = {
  "memory.max": amount("MemoryMax"),
  "memory.high": amount("MemoryHigh"),
  "memory.low": amount("MemoryLow"),
  "memory.min": amount("MemoryMin"),
  "memory.swap.max": amount("MemorySwapMax"),
  "memory.limit_in_bytes": amount("MemoryLimit"),
  "cpu.weight": amount("CPUWeight"),
  "cpu.shares": amount("CPUShares"),
  "cpu.max": (value) => {
    const [quota = "", period = "100000"] = value.split(" ");
    return perSecond(quota, period);
  },
  "pids.max": amount("TasksMax"),
  "io.weight": (value) => amount("IOWeight")(value.replace(/^default /, "")),
  "blkio.weight": amount("BlockIOWeight"),
  "cpuset.cpus": (value) => bits("AllowedCPUs", value),
  "cpuset.mems": (value) => bits("AllowedMemoryNodes", value),
};

/** systemd rounds to 10 ms: up, so that it never gives less than was asked for; the file gets the exact value afterwards. */
function perSecond(quota: string, period: string): readonly Property[] {
  if (quota === "max" || quota === "-1") return [["CPUQuotaPerSecUSec", "t", infinity]];
  if (!/^\d+$/.test(quota) || !/^[1-9]\d*$/.test(period)) return [];
  const each = (BigInt(quota) * 1_000_000n) / BigInt(period);
  return [
    ["CPUQuotaPerSecUSec", "t", String(((each + 9_999n) / 10_000n) * 10_000n)],
    ["CPUQuotaPeriodUSec", "t", period],
  ];
}

/** `0-2,5` as bytes, the lowest bit of the first byte for 0. */
function bits(name: string, list: string): readonly Property[] {
  const bytes: number[] = [];
  for (const range of list.split(",")) {
    const [, first = "", last = first] = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(range.trim()) ?? [];
    if (first === "") return [];
    for (let bit = BigInt(first); bit <= BigInt(last === "" ? first : last); bit++) {
      const index = Number(bit / 8n);
      while (bytes.length <= index) bytes.push(0);
      bytes[index] = (bytes[index] ?? 0) | (1 << Number(bit % 8n));
    }
  }
  return [[name, "ay", bytes]];
}

/** cgroup v1 has quota and period in two files. */
function translate(writes: readonly OutsideOp[]): readonly Property[] {
  const value = (file: string): string | undefined =>
    writes.flatMap((write) => (write.op === "writeCgroup" && write.file === file ? write.values : [])).at(-1);
  const quota = value("cpu.cfs_quota_us");
  return [
    ...Object.entries(translations).flatMap(([file, translation]) => {
      const found = value(file);
      return found === undefined ? [] : translation(found);
    }),
    ...(quota === undefined ? [] : perSecond(quota, value("cpu.cfs_period_us") ?? "100000")),
  ];
}

/**
 * systemd has a filter of its own, beside ours, and makes it anew at every reload: it must let pass whatever a rule allows. The list comes
 * before the policy, or the unit would count as changed on disk.
 */
function devices(writes: readonly OutsideOp[]): readonly Property[] {
  const lines = writes.flatMap((write) => {
    if (write.op === "deviceProgram")
      return write.rules.filter((rule) => rule.startsWith("allow ")).map((rule) => rule.slice("allow ".length));
    return write.op === "writeCgroup" && write.file === "devices.allow" ? write.values : [];
  });
  if (lines.length === 0 || lines.some((line) => line === "a" || line === "a *:* rwm"))
    return [["DevicePolicy", "s", "auto"]];
  return [
    ["DeviceAllow", "a(ss)", lines.flatMap(deviceNames)],
    ["DevicePolicy", "s", "strict"],
  ];
}

function deviceNames(line: string): readonly (readonly [string, string])[] {
  const [type = "", numbers = "", access = ""] = line.split(" ");
  const [major = "*", minor = "*"] = numbers.split(":");
  return (type === "a" ? ["c", "b"] : [type]).map((each) => {
    const kind = each === "b" ? "block" : "char";
    const one = major !== "*" && minor !== "*";
    return [one ? `/dev/${kind}/${major}:${minor}` : `${kind}-${major}`, access] as const;
  });
}

function startUnit(
  { bus, unit, path }: Pick<Unit, "bus" | "unit" | "path">,
  fixed: readonly Property[],
  writes: readonly OutsideOp[],
): OutsideOp {
  const resources = translate(writes);
  const accounting = fixed.flatMap(([name]) => (name.endsWith("Accounting") ? [name] : []));
  const optional = [...accounting, ...resources.map(([name]) => name)];
  const list = [...fixed, ...devices(writes), ...resources];
  return { op: "startUnit", bus, unit, properties: { list, optional }, cgroup: path, pointer: "/linux/cgroupsPath" };
}
