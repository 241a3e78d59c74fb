import type { InsideOp, OutsideOp, Plan } from "../generated/plan.js";
import { birthplace, joinCgroups, makeCgroups, placesOf } from "./cgroup.js";
import { planDevices } from "./devices.js";
import { creating, planHooks } from "./hooks.js";
import { isPlain, maySetGroups } from "./mappings.js";
import { planMounts } from "./mounts.js";
import { cloneFlags, enterNamespaces, flagsOf, hasMountNamespace, meetNamespaces, namespacesOf } from "./namespaces.js";
import { planPaths } from "./paths.js";
import { oomScoreAdj, planExecution, planIdentity, planLimits, processOf } from "./process.js";
import { pinOf, recordOf } from "./record.js";
import type { Inside, Scene, Situation, Unit } from "./request.js";
import { type PlannedResources, planResources } from "./resources.js";
import { enterRoot, openRoot, readonlyRoot } from "./root.js";
import { planSysctl } from "./sysctl.js";
import { openTerminal, takeTerminal } from "./terminal.js";

/** A plan in the parts in which it is performed: init works on the first while the second is still being made. */
export interface Acts {
  /** Sentences about values that have no effect on this host. */
  readonly ignored: readonly string[];
  readonly first: Plan;
  readonly second?: () => Plan;
}

/** All that create (or run) will do, in order. A pure function: the same situation gives the same plan. */
export function planCreate(situation: Situation): Plan {
  const { first, second } = planActs(situation);
  return second === undefined ? first : joinActs(first, second());
}

export function joinActs(first: Plan, second: Plan): Plan {
  return {
    version: 1,
    outside: [...first.outside, ...second.outside],
    inside: [...first.inside, ...second.inside],
  };
}

/** Whatever may be wrong is found before the first act is performed: the second cannot fail to be made. */
export function planActs(situation: Situation): Acts {
  const scene = sceneOf(situation);
  const resources = planResources(scene);
  processOf(scene);
  const cgroups = makeCgroups(scene, resources.controllers);
  // a cgroup v2 is entered at birth
  const isBirthplace = (step: OutsideOp): boolean => step.op === "makeCgroup" && step.controllers !== undefined;
  const late = scene.lateCgroups;
  const limits = scene.unit === undefined ? resources.before : enterUnit(scene.unit, resources);
  const before = late ? cgroups.filter(isBirthplace) : scene.unit === undefined ? [...cgroups, ...limits] : cgroups;
  const after = late ? [...cgroups.filter((step) => !isBirthplace(step)), ...limits] : [];
  const joined = !late && scene.unit !== undefined ? [...limits, { op: "proceed" } as const] : [];
  const outside = [...reserve(scene), ...before, birth(scene), ...joined];
  const inside = enterInside(scene);
  const second = (): Plan => ({
    version: 1,
    outside: planOutside(scene, after, resources.after),
    inside: planInside(scene),
  });
  const { ignored } = resources;
  if (late) return { first: { version: 1, outside, inside: [...inside, { op: "more" }] }, second, ignored };
  return { first: joinActs({ version: 1, outside, inside }, second()), ignored };
}

/** systemd moves init into its scope, while init waits: then the scope's files are there. */
function enterUnit(unit: Unit, { before, after }: PlannedResources): readonly OutsideOp[] {
  return [{ op: "await", point: "cgroups" }, unit.start([...before, ...after]), ...before];
}

function birth({ namespaces, places, request, unit }: Scene): OutsideOp {
  const cgroup = unit === undefined ? birthplace(places) : "";
  return { op: "spawn", namespaces: cloneFlags(namespaces), cgroup, preserve: request.preserve };
}

function enterInside(scene: Scene): Inside {
  const wait = scene.unit === undefined ? [] : ([{ op: "meet", point: "cgroups" }] as const);
  return [
    ...(scene.lateCgroups ? [] : [...wait, ...joinCgroups(scene.places)]),
    ...enterNamespaces(scene),
    ...openRoot(scene),
  ];
}

/** What the parts of the plan have in common. */
export function sceneOf(situation: Situation): Scene {
  const namespaces = namespacesOf(situation.config);
  const places = placesOf(situation);
  const lateCgroups = places.length > 0 && !namespaces.user && !namespaces.joined.has("mount");
  return { ...situation, namespaces, places, lateCgroups, setgroups: maySetGroups(situation) };
}

function planInside(scene: Scene): InsideOp[] {
  const { config, request, namespaces } = scene;
  const { mounts, finish, cgroupsAt } = planMounts(scene);
  const hooks = planHooks(scene);
  // concat, for the engine copies arrays faster by it than by spreading them
  return new Array<InsideOp>().concat(
    mounts.slice(0, cgroupsAt),
    scene.lateCgroups ? enterCgroups(scene) : [],
    cgroupsAt === undefined ? [] : mounts.slice(cgroupsAt),
    hasMountNamespace(namespaces) ? planDevices(scene) : [],
    hooks.creation.length > 0 ? { op: "meet", point: "hooks" } : [],
    hooks.createContainer,
    openTerminal(scene, true),
    takeTerminal(scene),
    finish,
    planPaths(scene),
    readonlyRoot(scene),
    enterRoot(scene),
    name(config.hostname, "hostname"),
    name(config.domainname, "domainname"),
    planSysctl(scene),
    planIdentity(scene, true),
    { op: "meet", point: "ready" },
    request.start === "later" ? { op: "awaitStart" } : [],
    planExecution(scene, hooks.startContainer),
  );
}

/** The runtime has made them by now. The root of a cgroup namespace is the cgroup that its maker is in. */
function enterCgroups({ namespaces, places }: Scene): Inside {
  const own = namespaces.fresh.has("cgroup");
  return [
    { op: "meet", point: "cgroups" },
    ...joinCgroups(places),
    ...(own ? [{ op: "unshare", namespaces: flagsOf(["cgroup"]), pointer: "/linux/namespaces" } as const] : []),
  ];
}

function name(value: string | undefined, op: "hostname" | "domainname"): readonly InsideOp[] {
  return value === undefined || value === "" ? [] : [{ op, name: value, pointer: `/${op}` }];
}

function planOutside(scene: Scene, cgroups: readonly OutsideOp[], limits: readonly OutsideOp[]): OutsideOp[] {
  const { request, namespaces } = scene;
  const hooks = planHooks(scene);
  const late = scene.lateCgroups ? ([{ op: "resume" }, ...cgroups, { op: "proceed" }] as const) : [];
  const hooked = hooks.creation.length > 0;
  const beside = whileReady(scene, limits);
  const agent = tellAgent(scene);
  const waits = namespaces.fork || hooked || beside.length > 0 || agent.length > 0;
  // nothing waits for init: it finds every way free when it arrives, and neither side sleeps for the other
  const free = scene.lateCgroups && request.start === "now" && !waits && scene.unit === undefined;
  return [
    ...meetNamespaces(scene),
    ...late,
    ...(free ? ([{ op: "identify" }, { op: "proceed" }] as const) : []),
    ...(scene.lateCgroups && scene.unit === undefined ? ([{ op: "await", point: "cgroups" }] as const) : []),
    ...(hooked ? ([{ op: "await", point: "hooks" }, ...hooks.creation, { op: "proceed" }] as const) : []),
    ...agent,
    { op: "await", point: "ready" },
    ...(free ? [] : [...beside, { op: "identify" } as const, { op: "proceed" } as const]),
    ...(request.start === "now" ? [{ op: "awaitExecution" } as const, ...hooks.poststart] : []),
  ];
}

/** What the runtime does while init is ready and waits. */
function whileReady(scene: Scene, limits: readonly OutsideOp[]): readonly OutsideOp[] {
  const { request, namespaces } = scene;
  return [
    ...(isPlain(scene) && namespaces.fresh.has("user") ? [] : oomScoreAdj(scene)),
    ...limits,
    ...(namespaces.user ? planLimits(scene) : []),
    ...(request.consoleSocket === undefined ? [] : [{ op: "sendTerminal", path: request.consoleSocket } as const]),
    ...(request.pidfdSocket === undefined
      ? []
      : [{ op: "sendPidfd", path: request.pidfdSocket, kind: "standard" } as const]),
    ...(request.foreground ? [] : [{ op: "pinExit", path: pinOf(request.directory) } as const]),
    ...(request.pidFile === undefined ? [] : [{ op: "writePid", path: request.pidFile } as const]),
  ];
}

function tellAgent(scene: Scene): readonly OutsideOp[] {
  return scene.rare?.planListener(scene.config.linux?.seccomp, creating(scene)) ?? [];
}

/** Written down before anything exists that would have to be cleaned up: a runtime killed at any later point leaves a trace. */
function reserve(scene: Scene): readonly OutsideOp[] {
  const { root, directory, start } = scene.request;
  return [
    // sticky: what cleans temporary directories leaves it alone
    { op: "makeDirectory", path: root, mode: 0o1700, exclusive: false },
    { op: "makeDirectory", path: directory, mode: 0o700, exclusive: true },
    { op: "record", path: `${directory}/state.json`, mode: 0o600, record: recordOf(scene) },
    { op: "keepConfig", path: `${directory}/config.json`, mode: 0o600 },
    ...(start === "later" ? [{ op: "listen", path: `${directory}/start.sock` } as const] : []),
  ];
}
