// The chapters in the order in which they are told.
import type { Chapter } from "../chapter.js";
import { security } from "../security/index.js";
import { processes } from "./01-processes.js";
import { names } from "./02-hostname.js";
import { mounts } from "./03-mounts.js";
import { network } from "./04-network.js";
import { ipc } from "./05-ipc.js";
import { users } from "./06-users.js";
import { cgroups } from "./07-cgroups.js";
import { time } from "./08-time.js";
import { cpu } from "./09-cpu.js";
import { memory } from "./10-memory.js";
import { pids } from "./11-pids.js";
import { root } from "./12-root.js";
import { seccomp } from "./13-seccomp.js";
import { agent } from "./13-seccomp-agent.js";
import { capabilities } from "./14-capabilities.js";
import { program } from "./15-program.js";
import { lifecycle } from "./16-lifecycle.js";
import { devices } from "./17-devices.js";
import { joining } from "./18-joining.js";
import { badBundles } from "./19-bad-bundles.js";
import { scheduling } from "./20-scheduling.js";
import { exec } from "./21-exec.js";
import { terminal } from "./22-terminal.js";
import { pausing } from "./30-pause.js";
import { ps } from "./31-ps.js";
import { hookFailures } from "./20-hook-failures.js";
import { hooks } from "./20-hooks.js";
import { updating } from "./32-update.js";
import { rootless } from "./21-rootless.js";
import { ending } from "./21-ending.js";

export const chapters: readonly Chapter[] = [
  processes,
  names,
  mounts,
  network,
  ipc,
  users,
  cgroups,
  time,
  cpu,
  memory,
  pids,
  root,
  seccomp,
  agent,
  capabilities,
  program,
  lifecycle,
  devices,
  joining,
  badBundles,
  scheduling,
  exec,
  terminal,
  pausing,
  ps,
  ...security,
  hooks,
  hookFailures,
  updating,
  rootless,
  ending,
];
