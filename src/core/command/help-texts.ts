import type { GlobalName, OptionName, VerbName } from "./grammar.js";

/** What help says; apart from the grammar, so that only help pays for it. Values stand in capitals before the sentence. */
export interface HelpText {
  readonly value?: string;
  readonly text: string;
}

export const verbTexts: Readonly<Record<VerbName, string>> = {
  create: "make a container from a bundle and stop before its program begins",
  start: "let the program of a created container begin",
  run: "create and start a container, and wait for it",
  state: "print the state of a container as JSON",
  kill: "send a signal (SIGTERM unless named) to a container",
  pause: "make every process of a container stand still",
  resume: "let the processes of a paused container go on",
  ps: "list the processes of a container, as ps(1) of the host shows them",
  delete: "remove a container that has ended",
  list: "list the containers of this root",
  spec: "write a config.json to begin with",
  validate: "say all that is wrong with a bundle",
  plan: "print the steps that a create would take",
  checkpoint: "save a running container (not built yet)",
  restore: "bring back a saved container (not built yet)",
  features: "print what this runtime can do as JSON",
  help: "print this help, or that of a command",
};

export const globalTexts: Readonly<Record<GlobalName, HelpText>> = {
  "cgroup-manager": { value: "NAME", text: "how cgroups are made: cgroupfs, systemd or disabled" },
  criu: { value: "PATH", text: "accepted and ignored" },
  debug: { text: "accepted; there are no debug messages yet" },
  help: { text: "print help" },
  log: { value: "FILE", text: "append errors to FILE" },
  "log-format": { value: "FORMAT", text: "text or json (default text)" },
  "log-level": { value: "LEVEL", text: "error, warning or debug; accepted and ignored" },
  root: { value: "DIR", text: "directory of the containers' state (default /run/tsrun, or $XDG_RUNTIME_DIR/tsrun)" },
  rootless: { value: "WHEN", text: "true, false or auto (default auto)" },
  "systemd-cgroup": { text: "let systemd make the cgroups" },
  version: { text: "print the version" },
};

export const optionTexts: Readonly<Record<OptionName, HelpText>> = {
  all: { text: "send the signal to every process of the container" },
  "auto-dedup": { text: "drop pages of parent images that are saved again" },
  bundle: { value: "DIR", text: "directory of the bundle (default the current directory)" },
  config: { value: "FILE", text: "configuration (default config.json in the bundle)" },
  "console-socket": { value: "PATH", text: "unix socket that receives the terminal" },
  detach: { text: "do not wait for the container" },
  "empty-ns": { value: "NAMESPACE", text: "make a namespace without restoring what was in it" },
  "ext-unix-sk": { text: "allow unix sockets that lead out of the container" },
  "file-locks": { text: "save and restore file locks" },
  force: { text: "kill the container first if it runs; an unknown one is no error" },
  format: { value: "FORMAT", text: "table or json (default table)" },
  help: { text: "print this help" },
  "image-path": { value: "DIR", text: "directory of the images (default ./checkpoint)" },
  json: { text: "print JSON for programs" },
  keep: { text: "keep the container's state after its end" },
  "lazy-pages": { text: "leave memory where it is until it is needed" },
  "leave-running": { text: "let the container go on afterwards" },
  "link-remap": { text: "allow removed files that have other names" },
  "lsm-mount-context": { value: "CONTEXT", text: "mount context instead of the saved one" },
  "lsm-profile": { value: "TYPE:NAME", text: "security profile instead of the saved one" },
  "manage-cgroups-mode": { value: "MODE", text: "soft, full, strict or ignore" },
  "network-lock": { value: "METHOD", text: "iptables, nftables or skip" },
  "no-new-keyring": { text: "keep the caller's session keyring" },
  "no-pivot": { text: "enter the root with MS_MOVE and chroot, for a root on a ramdisk" },
  "no-subreaper": { text: "do not become the parent of the container's orphans" },
  "page-server": { value: "ADDRESS:PORT", text: "send the pages to a page server" },
  "parent-path": { value: "DIR", text: "images of an earlier pre-dump, relative to the image path" },
  "pid-file": { value: "FILE", text: "write the pid of the container's init to FILE" },
  "pidfd-socket": { value: "PATH", text: "not supported yet" },
  "pre-dump": { text: "save the memory only, and let the container run" },
  "preserve-fds": { value: "N", text: "pass N descriptors from 3 on to the container" },
  quiet: { text: "print ids only" },
  regex: { text: "take the id for a regular expression, and every container that fits it" },
  rootless: { text: "for a caller who is not root" },
  "shell-job": { text: "allow a terminal that is the caller's" },
  "status-fd": { value: "FD", text: "descriptor that gets a byte when the page server is ready" },
  "tcp-close": { text: "restore established connections as closed" },
  "tcp-established": { text: "allow established connections" },
  "tcp-skip-in-flight": { text: "leave out connections that are being made" },
  "work-path": { value: "DIR", text: "directory for logs and scratch files" },
};
