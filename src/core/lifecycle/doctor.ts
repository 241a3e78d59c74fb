import type { Door } from "../door.js";
import { TsrunError } from "../error.js";
import { capabilities } from "../tables/capabilities.js";
import { describeErrno } from "../tables/errno.js";
import { namespaceFlags } from "../tables/namespaces.js";
import { commit, version } from "../version.js";
import type { Context, Verb } from "./verb.js";

/** One thing that containers need, or that some of them ask for. */
export interface Finding {
  readonly area: string;
  readonly name: string;
  readonly ok: boolean;
  /** Without it no container runs. */
  readonly needed: boolean;
  readonly found: string;
  /** What to do where it is not ok. */
  readonly remedy?: string;
}

/** Tells what this host and this caller can do. Exit status 1 when something is missing without which no container runs. */
export const doctor: Verb = (context) => {
  const { door, host, options } = context;
  const findings = examineHost(context);
  const healthy = findings.every(({ ok, needed }) => ok || !needed);
  if (options.json === true) {
    const report = { version: 1, tsrun: version, commit, healthy, findings };
    door.print(1, `${JSON.stringify(report, null, 2)}\n`);
  } else {
    const colours = host.terminals[1] && (host.env["NO_COLOR"] ?? "") === "";
    door.print(1, table(findings, colours));
    door.print(1, healthy ? "containers can run here\n" : "containers cannot run here\n");
  }
  return healthy ? 0 : 1;
};

function examineHost(context: Context): readonly Finding[] {
  const places = ["/", "/run", "/tmp", "/var/lib"];
  const namespaces = Object.entries(namespaceFlags);
  const tried = context.door.examine({
    calls: calls.map(([, number]) => number),
    namespaces: namespaces.map(([, flag]) => flag),
    mapped: places,
  });
  return [
    ...calls.map(([name, , needed], index) => ({
      area: "kernel",
      name,
      needed,
      ...answer(
        tried.calls[index],
        "a kernel of version 5.12 or later, or a sandbox around tsrun that lets the call pass",
      ),
    })),
    ...namespaces.map(([name], index) => ({
      area: "namespaces",
      name,
      needed: neededNamespaces.includes(name),
      ...answer(tried.namespaces[index], namespaceRemedy(name, context)),
    })),
    ...cgroups(context.door),
    ...security(context.door),
    ...caller(context),
    ...places.map((name, index) => ({
      area: "id-mapped mounts",
      name,
      needed: false,
      ...answer(
        tried.mapped[index],
        "a file system that maps ids: ext4, xfs, btrfs, tmpfs and overlay in recent kernels",
      ),
    })),
  ];
}

/** Numbers are the same on every architecture. */
const calls: readonly (readonly [name: string, number: number, needed: boolean])[] = [
  ["pidfd_send_signal", 424, true],
  ["open_tree", 428, true],
  ["move_mount", 429, true],
  ["fsopen", 430, true],
  ["fsmount", 432, true],
  ["pidfd_open", 434, true],
  ["clone3", 435, true],
  ["close_range", 436, true],
  ["openat2", 437, true],
  ["mount_setattr", 442, true],
  ["landlock_create_ruleset", 444, false],
  ["statmount", 457, false],
];

const neededNamespaces = ["mount", "pid", "ipc", "uts", "network"];

function answer(errno: number | undefined, remedy: string): { ok: boolean; found: string; remedy?: string } {
  if (errno === 0) return { ok: true, found: "yes" };
  return { ok: false, found: describeErrno(errno ?? 0)?.[1] ?? `errno ${errno ?? 0}`, remedy };
}

function namespaceRemedy(name: string, { host, door }: Context): string {
  const limit = read(
    door,
    `/proc/sys/user/max_${name === "mount" ? "mnt" : name === "network" ? "net" : name}_namespaces`,
  );
  if (limit === "0") return `raise the sysctl user.max_${name}_namespaces`;
  if (read(door, "/proc/sys/kernel/unprivileged_userns_clone") === "0")
    return "set kernel.unprivileged_userns_clone to 1";
  return host.euid === 0
    ? "a kernel that has it, and CAP_SYS_ADMIN"
    : "be root, or ask for a user namespace in config.json";
}

function cgroups(door: Door): readonly Finding[] {
  const { hierarchies } = door.facts().cgroup;
  const unified = hierarchies.filter(({ version: number }) => number === 2);
  const old = hierarchies.filter(({ version: number }) => number === 1);
  const layout = old.length === 0 ? "v2" : unified.length === 0 ? "v1" : "hybrid: v1 with a v2 hierarchy beside it";
  const mounted = hierarchies.flatMap(({ controllers }) => controllers);
  return [
    {
      area: "cgroups",
      name: "layout",
      ok: hierarchies.length > 0,
      needed: false,
      found: hierarchies.length > 0 ? layout : "none is mounted",
      remedy: "mount cgroup2 at /sys/fs/cgroup, or use --cgroup-manager disabled",
    },
    ...["cpu", "cpuset", "memory", "pids", "io", "hugetlb"].map((name) => {
      const ok = mounted.includes(name) || (name === "io" && mounted.includes("blkio"));
      return {
        area: "cgroups",
        name,
        ok,
        needed: false,
        found: ok ? "yes" : "no such controller",
        remedy:
          "enable it in the kernel (cgroup_disable= on its command line may name it) or, on v2, in cgroup.subtree_control",
      };
    }),
  ];
}

function security(door: Door): readonly Finding[] {
  const actions = read(door, "/proc/sys/kernel/seccomp/actions_avail") ?? "";
  const modules = read(door, "/sys/kernel/security/lsm") ?? "";
  const apparmor = read(door, "/sys/module/apparmor/parameters/enabled") === "Y";
  const selinux = read(door, "/sys/fs/selinux/enforce") !== undefined;
  const lsm = (name: string, ok: boolean, found: string, remedy: string): Finding => ({
    area: "security",
    name,
    ok,
    needed: false,
    found,
    remedy,
  });
  return [
    lsm("seccomp", actions !== "", actions === "" ? "no" : actions, "a kernel with CONFIG_SECCOMP_FILTER"),
    lsm(
      "modules",
      modules !== "",
      modules === "" ? "none is known" : modules,
      "mount securityfs at /sys/kernel/security",
    ),
    lsm("apparmor", apparmor, apparmor ? "enabled" : "disabled", "add apparmor to lsm= on the kernel's command line"),
    lsm("selinux", selinux, selinux ? "enabled" : "disabled", "add selinux to lsm= on the kernel's command line"),
  ];
}

function caller({ door, host, globals }: Context): readonly Finding[] {
  const status = read(door, "/proc/self/status") ?? "";
  const effective = fieldOf(status, "CapEff");
  const lacking = Object.entries(capabilities)
    .filter(([, bit]) => !holds(effective, bit))
    .map(([name]) => name);
  const limits = read(door, "/proc/self/limits") ?? "";
  const files = /^Max open files +(\S+) +(\S+)/m.exec(limits);
  const owner = host.euid === 0 ? "root" : (door.userName(host.euid) ?? String(host.euid));
  const ranges = ["/etc/subuid", "/etc/subgid"].map((path) =>
    (read(door, path) ?? "")
      .split("\n")
      .some((line) => line.startsWith(`${owner}:`) || line.startsWith(`${host.euid}:`)),
  );
  const helpers = ["newuidmap", "newgidmap"].every((name) => door.listNames("/usr/bin").includes(name));
  const mine = (name: string, ok: boolean, needed: boolean, found: string, remedy: string): Finding => ({
    area: "caller",
    name,
    ok,
    needed,
    found,
    remedy,
  });
  return [
    mine(
      "user",
      true,
      false,
      `${owner}${host.inUserNamespace ? ", in a user namespace" : ""}, state in ${globals.root}`,
      "",
    ),
    mine(
      "capabilities",
      lacking.length === 0,
      false,
      lacking.length === 0 ? "all" : `all but ${lacking.join(", ")}`,
      "containers that ask for these are refused: be root outside of any container, or do not ask for them",
    ),
    mine(
      "subordinate ids",
      ranges.every(Boolean),
      false,
      ranges.every(Boolean) ? "yes" : `no range for ${owner} in /etc/subuid or /etc/subgid`,
      `usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${owner}`,
    ),
    mine("newuidmap, newgidmap", helpers, false, helpers ? "yes" : "not in /usr/bin", "install the package uidmap"),
    mine("open files", true, false, files === null ? "unknown" : `${files[1] ?? ""}, at most ${files[2] ?? ""}`, ""),
  ];
}

/** Bit of a hexadecimal number of 64 bits. */
function holds(hexadecimal: string, bit: number): boolean {
  const digit = hexadecimal.charAt(hexadecimal.length - 1 - Math.floor(bit / 4));
  return (("0123456789abcdef".indexOf(digit) >> (bit % 4)) & 1) === 1;
}

function fieldOf(status: string, name: string): string {
  return (
    status
      .split("\n")
      .find((line) => line.startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim() ?? ""
  );
}

/** The text of a small file without its last line end; `undefined` where it cannot be read. */
function read(door: Door, path: string): string | undefined {
  try {
    return door.readText(path, 1 << 20)?.trimEnd();
  } catch (error) {
    if (error instanceof TsrunError) return undefined;
    throw error;
  }
}

function table(findings: readonly Finding[], colours: boolean): string {
  const width = Math.max(...findings.map(({ name }) => name.length));
  let area = "";
  return findings
    .map((finding) => {
      const heading = finding.area === area ? "" : `${area === "" ? "" : "\n"}${finding.area.toUpperCase()}:\n`;
      area = finding.area;
      const mark = finding.ok ? "ok" : finding.needed ? "NO" : "no";
      const shown = colours ? `\x1b[${finding.ok ? 32 : finding.needed ? 31 : 33}m${mark}\x1b[m` : mark;
      const remedy = finding.ok || finding.remedy === undefined ? "" : `; ${finding.remedy}`;
      return `${heading}   ${shown}  ${finding.name.padEnd(width)}  ${finding.found}${remedy}\n`;
    })
    .join("");
}
