/** MOUNT_ATTR_* of mount_setattr(2) and fsmount(2). ATIME is the mask of the three that exclude each other. */
export const mountAttributes = {
  RDONLY: 0x1,
  NOSUID: 0x2,
  NODEV: 0x4,
  NOEXEC: 0x8,
  ATIME: 0x70,
  RELATIME: 0x0,
  NOATIME: 0x10,
  STRICTATIME: 0x20,
  NODIRATIME: 0x80,
  NOSYMFOLLOW: 0x200000,
} as const;

/** MS_* of mount(2) that change propagation. */
export const propagationFlags = {
  REC: 0x4000,
  UNBINDABLE: 0x20000,
  PRIVATE: 0x40000,
  SLAVE: 0x80000,
  SHARED: 0x100000,
} as const;

/**
 * What one word of `mounts[].options` asks for. Words are applied in their order: `set = (set & ~option.clear) | option.set` and
 * `clear |= option.clear`, so that the last word wins and the atime mask stays whole, as mount_setattr demands.
 */
export interface MountOption {
  /** MOUNT_ATTR_* bits. */
  readonly set?: number;
  readonly clear?: number;
  /** The bits go to every mount below, too (AT_RECURSIVE). */
  readonly recursive?: true;
  /** MS_* propagation, with MS_REC for the words that begin with r. */
  readonly propagation?: number;
  /** The mount is a bind mount, of one mount or of a tree. */
  readonly bind?: "one" | "tree";
  /** Flag of the superblock, given to fsconfig(2) under this name; without meaning for a bind mount. */
  readonly superblock?: string;
  /** The ids of the mount, or of all mounts of the tree, are mapped. */
  readonly idmap?: "one" | "tree";
  /** Changes what is mounted at the destination already. */
  readonly remount?: true;
  /** The new tmpfs begins with a copy of what it covers. */
  readonly copyUp?: true;
  /** What a symlink means: at the source, made again at the destination; itself bound; at the destination, itself covered. */
  readonly symlink?: "copy" | "source" | "destination";
}

const { RDONLY, NOSUID, NODEV, NOEXEC, ATIME, RELATIME, NOATIME, STRICTATIME, NODIRATIME, NOSYMFOLLOW } =
  mountAttributes;
const { REC, UNBINDABLE, PRIVATE, SLAVE, SHARED } = propagationFlags;

/** Every word that tsrun gives a meaning; any other word is data for the file system. */
export const mountOptions: Readonly<Record<string, MountOption>> = {
  acl: { superblock: "acl" },
  async: { superblock: "async" },
  atime: { clear: ATIME },
  bind: { bind: "one" },
  "copy-symlink": { symlink: "copy" },
  defaults: {},
  "dest-nofollow": { symlink: "destination" },
  dev: { clear: NODEV },
  diratime: { clear: NODIRATIME },
  dirsync: { superblock: "dirsync" },
  exec: { clear: NOEXEC },
  idmap: { idmap: "one" },
  iversion: { superblock: "iversion" },
  lazytime: { superblock: "lazytime" },
  loud: {},
  mand: { superblock: "mand" },
  noacl: { superblock: "noacl" },
  noatime: { set: NOATIME, clear: ATIME },
  nodev: { set: NODEV },
  nodiratime: { set: NODIRATIME },
  noexec: { set: NOEXEC },
  noiversion: { superblock: "noiversion" },
  nolazytime: { superblock: "nolazytime" },
  nomand: { superblock: "nomand" },
  norelatime: { clear: ATIME },
  nostrictatime: { clear: ATIME },
  nosuid: { set: NOSUID },
  nosymfollow: { set: NOSYMFOLLOW },
  private: { propagation: PRIVATE },
  rasync: { superblock: "async" },
  ratime: { clear: ATIME, recursive: true },
  rbind: { bind: "tree" },
  rdev: { clear: NODEV, recursive: true },
  rdiratime: { clear: NODIRATIME, recursive: true },
  rdirsync: { superblock: "dirsync" },
  relatime: { set: RELATIME, clear: ATIME },
  remount: { remount: true },
  rexec: { clear: NOEXEC, recursive: true },
  ridmap: { idmap: "tree" },
  rmand: { superblock: "mand" },
  rnoatime: { set: NOATIME, clear: ATIME, recursive: true },
  rnodev: { set: NODEV, recursive: true },
  rnodiratime: { set: NODIRATIME, recursive: true },
  rnoexec: { set: NOEXEC, recursive: true },
  rnomand: { superblock: "nomand" },
  rnorelatime: { clear: ATIME, recursive: true },
  rnostrictatime: { clear: ATIME, recursive: true },
  rnosuid: { set: NOSUID, recursive: true },
  rnosymfollow: { set: NOSYMFOLLOW, recursive: true },
  ro: { set: RDONLY },
  rprivate: { propagation: PRIVATE | REC },
  rrelatime: { set: RELATIME, clear: ATIME, recursive: true },
  rro: { set: RDONLY, recursive: true },
  rrw: { clear: RDONLY, recursive: true },
  rshared: { propagation: SHARED | REC },
  rslave: { propagation: SLAVE | REC },
  rstrictatime: { set: STRICTATIME, clear: ATIME, recursive: true },
  rsuid: { clear: NOSUID, recursive: true },
  rsync: { superblock: "sync" },
  rsymfollow: { clear: NOSYMFOLLOW, recursive: true },
  runbindable: { propagation: UNBINDABLE | REC },
  rw: { clear: RDONLY },
  shared: { propagation: SHARED },
  silent: {},
  slave: { propagation: SLAVE },
  "src-nofollow": { symlink: "source" },
  strictatime: { set: STRICTATIME, clear: ATIME },
  suid: { clear: NOSUID },
  symfollow: { clear: NOSYMFOLLOW },
  sync: { superblock: "sync" },
  tmpcopyup: { copyUp: true },
  unbindable: { propagation: UNBINDABLE },
};
