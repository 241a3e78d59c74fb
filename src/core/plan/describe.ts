import type { InsideOp, OutsideOp, Plan } from "../generated/plan.js";
import { namespaceFlags } from "../tables/namespaces.js";

type Step = InsideOp | OutsideOp;
type Words = { readonly [Op in Step["op"]]: (step: Extract<Step, { op: Op }>) => string };

const names = (flags: number): string =>
  Object.entries(namespaceFlags)
    .filter(([, flag]) => (flags & flag) !== 0)
    .map(([name]) => name)
    .join(", ");

/** What each step does, in words: one table for `plan`, and for the sentence when it fails. */
const words: Words = {
  makeDirectory: ({ path }) => `make directory ${path}`,
  keepConfig: ({ path }) => `keep config.json as ${path}`,
  record: ({ path }) => `record the container in ${path}`,
  identify: () => "record the container's pid",
  makeCgroup: ({ mount, path }) => `make cgroup ${mount}${path}`,
  writeCgroup: ({ directory, file, values }) => `write ${values.join(", ")} to ${directory}/${file}`,
  deviceProgram: ({ directory, rules }) => `attach ${rules.length} device rules to ${directory}`,
  startUnit: ({ unit }) => `let systemd start ${unit} with init in it`,
  stopUnit: ({ unit }) => `let systemd stop ${unit}`,
  listen: ({ path }) => `listen on ${path} for start`,
  spawn: ({ namespaces }) => (namespaces === 0 ? "spawn init" : `spawn init in new namespaces (${names(namespaces)})`),
  await: ({ point }) => `wait until init reaches: ${point}`,
  proceed: () => "let init go on",
  resume: () => "send the rest of the plan to init",
  writeMapping: ({ file, text }) => `write ${file} of init: ${text.trim().replaceAll("\n", ", ")}`,
  mapByHelper: ({ program, numbers }) => `${program} PID ${numbers.join(" ")}`,
  oomScoreAdj: ({ value }) => `set oom_score_adj of init to ${value}`,
  limit: ({ resource, soft, hard }) => `set resource limit ${resource} to ${soft}, ${hard}`,
  scheduler: ({ policy }) => `set scheduling policy ${policy}`,
  ioPriority: ({ value }) => `set I/O priority: class ${value >> 13}, level ${value & 0x1fff}`,
  hook: ({ path }) => `run hook ${path}`,
  sendTerminal: ({ path }) => `send the terminal to ${path}`,
  sendListener: ({ path }) => `send the seccomp listener to ${path}`,
  sendPidfd: ({ path }) => `send a pidfd of init to ${path}`,
  pinExit: ({ path }) => `mount a pidfd of init on ${path}`,
  unpinExit: ({ path }) => `unmount the pidfd at ${path}`,
  awaitExecution: () => "wait until the program is executed",
  writePid: ({ path }) => `write the pid to ${path}`,
  start: ({ path }) => `start the container over ${path}`,
  signal: ({ signal, pid }) => `send signal ${signal} to process ${pid}`,
  waitGone: ({ pid }) => `wait until process ${pid} has ended`,
  killCgroup: ({ directory }) => `signal every process in ${directory}`,
  replaceText: ({ path }) => `write ${path}`,
  freeze: ({ directory, frozen }) => `${frozen ? "freeze" : "thaw"} ${directory}`,
  removeCgroup: ({ directory }) => `remove cgroup ${directory}`,
  removeFile: ({ path }) => `remove ${path}`,
  removeTree: ({ path }) => `remove ${path} and all below it`,
  joinCgroup: ({ path }) => `join cgroup ${path}`,
  joinNamespace: ({ type, path }) => `join ${names(type)} namespace ${path}`,
  joinProcess: ({ pid }) => `join the namespaces of process ${pid}`,
  unshare: ({ namespaces }) => `enter new namespaces (${names(namespaces)})`,
  fork: () => "go on in a child, which is in the new namespaces",
  meet: ({ point }) => `meet the runtime: ${point}`,
  more: () => "wait for the rest of the plan",
  dumpable: ({ on }) => (on ? "open the files of /proc/PID to the caller" : "close the files of /proc/PID"),
  becomeRoot: () => "become root of the user namespace",
  newSession: () => "start a new session",
  keyring: ({ name }) => `join a new session keyring ${name}`,
  loopbackUp: () => "bring lo up",
  propagation: ({ path, flags }) => `set propagation of ${path} to ${flags}`,
  openRoot: ({ path }) => `open root file system ${path}`,
  mount: ({ type, source = type, target }) => `mount ${type} ${JSON.stringify(source)} at ${target}`,
  bind: ({ source, target }) => `bind mount ${source} at ${target}`,
  remount: ({ target }) => `remount ${target}`,
  makeSymlink: ({ path, target }) => `make symlink ${path} to ${target}`,
  makeDevice: ({ path }) => `make device ${path}`,
  bindDevice: ({ source, path }) => `bind device ${source} at ${path}`,
  setAttributes: ({ path, set, clear = 0 }) => `set mount attributes of ${path} (set ${set}, clear ${clear})`,
  enterRoot: ({ method }) => `enter the root file system (${method})`,
  rootPropagation: ({ flags }) => `set propagation of / to ${flags}`,
  hostname: ({ name }) => `set hostname ${name}`,
  domainname: ({ name }) => `set domainname ${name}`,
  sysctl: ({ path, value }) => `set sysctl ${path} to ${value}`,
  readonlyPath: ({ path }) => `make ${path} read-only`,
  maskPath: ({ path }) => `mask ${path}`,
  terminal: () => "open the container's terminal",
  controllingTerminal: () => "make it the controlling terminal",
  stdioOwner: ({ uid }) => `give the standard streams to user ${uid}`,
  workingDirectory: ({ path }) => `enter working directory ${path}`,
  home: ({ uid }) => `find the home of user ${uid}`,
  umask: ({ mask }) => `set umask ${mask.toString(8).padStart(4, "0")}`,
  personality: ({ persona }) => `set personality ${hexadecimal(persona)}`,
  noNewPrivileges: () => "give up new privileges",
  seccomp: () => "load the seccomp filter",
  boundingSet: ({ keep }) => `drop all capabilities but ${hexadecimal(keep)} from the bounding set`,
  credentials: ({ uid, gid }) => `become user ${uid}, group ${gid}`,
  capabilities: ({ effective }) => `set capabilities (effective ${hexadecimal(effective)})`,
  findProgram: ({ args }) => `find program ${JSON.stringify(args[0] ?? "")}`,
  awaitStart: () => "wait for start",
  execute: () => "execute the program",
};

const hexadecimal = (mask: number): string => `0x${mask.toString(16)}`;

export function describe<Op extends Step["op"]>(step: Extract<Step, { op: Op }>): string {
  const sentence: (step: Extract<Step, { op: Op }>) => string = words[step.op];
  return sentence(step);
}

/** The plan for people: a line for each step, by its number in its half. */
export function listing({ outside, inside }: Plan): string {
  return `${section("outside, by the runtime", outside)}\n${section("inside, by init", inside)}`;
}

function section(title: string, steps: readonly Step[]): string {
  const width = String(steps.length - 1).length;
  const lines = steps.map((step, index) => {
    const pointer = step.pointer === undefined ? "" : `  (${step.pointer})`;
    return `${String(index).padStart(width + 2)}  ${describe(step)}${pointer}\n`;
  });
  return `${title}:\n${lines.join("")}`;
}
