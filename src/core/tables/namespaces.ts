/** CLONE_NEW* of linux/sched.h, by `linux.namespaces[].type`. */
export const namespaceFlags: Readonly<Record<string, number>> = {
  cgroup: 0x02000000,
  ipc: 0x08000000,
  mount: 0x00020000,
  network: 0x40000000,
  pid: 0x20000000,
  time: 0x00000080,
  user: 0x10000000,
  uts: 0x04000000,
};

/** Names of the files in /proc/PID/ns, by `linux.namespaces[].type`. */
export const namespaceFiles: Readonly<Record<string, string>> = {
  cgroup: "cgroup",
  ipc: "ipc",
  mount: "mnt",
  network: "net",
  pid: "pid",
  time: "time",
  user: "user",
  uts: "uts",
};
