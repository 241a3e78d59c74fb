import type { InsideOp, OutsideOp, Plan } from "../generated/plan.js";
import { birthplace, joinCgroups, makeCgroups, placesOf } from "./cgroup.js";
import { planDevices } from "./devices.js";
import { type PlannedHooks, planHooks } from "./hooks.js";
import { planMounts } from "./mounts.js";
import { cloneFlags, enterNamespaces, flagsOf, hasMountNamespace, meetNamespaces, namespacesOf } from "./namespaces.js";
import { planPaths } from "./paths.js";
import { planExecution, planIdentity, planLimits, processOf } from "./process.js";
import { recordOf } from "./record.js";
import type { Inside, Scene, Situation } from "./request.js";
import { planResources } from "./resources.js";
import { enterRoot, openRoot, readonlyRoot } from "./root.js";
import { planSysctl } from "./sysctl.js";

/** All that create (or run) will do, in order. A pure function: the same situation gives the same plan. */
export function planCreate(situation: Situation): Plan {
  const scene = sceneOf(situation);
  const hooks = planHooks(situation);
  return { version: 1, outside: planOutside(scene, hooks), inside: planInside(scene, hooks) };
}

/** What the parts of the plan have in common. */
export function sceneOf(situation: Situation): Scene {
  const namespaces = namespacesOf(situation.config);
  const places = placesOf(situation);
  const lateCgroups = places.length > 0 && !namespaces.user && !namespaces.joined.has("mount");
  return { ...situation, namespaces, places, lateCgroups };
}

function planInside(scene: Scene, hooks: PlannedHooks): InsideOp[] {
  const { config, request, namespaces, places } = scene;
  const { mounts, finish, cgroupsAt } = planMounts(scene);
  // concat, for the engine copies arrays faster by it than by spreading them
  return new Array<InsideOp>().concat(
    scene.lateCgroups ? [] : joinCgroups(places),
    enterNamespaces(scene),
    openRoot(scene),
    mounts.slice(0, cgroupsAt),
    scene.lateCgroups ? enterCgroups(scene) : [],
    cgroupsAt === undefined ? [] : mounts.slice(cgroupsAt),
    hasMountNamespace(namespaces) ? planDevices(scene) : [],
    hooks.creation.length > 0 ? { op: "meet", point: "hooks" } : [],
    planTerminal(scene),
    finish,
    planPaths(scene),
    readonlyRoot(scene),
    enterRoot(scene),
    name(config.hostname, "hostname"),
    name(config.domainname, "domainname"),
    planSysctl(scene),
    planIdentity(scene),
    { op: "meet", point: "ready" },
    request.start === "later" ? { op: "awaitStart" } : [],
    planExecution(scene),
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

function planTerminal(situation: Situation): Inside {
  const { terminal, consoleSize, user } = processOf(situation);
  if (terminal !== true) return [];
  return [
    {
      op: "terminal",
      rows: consoleSize?.height ?? 0,
      columns: consoleSize?.width ?? 0,
      uid: user?.uid ?? 0,
      gid: user?.gid ?? 0,
      pointer: "/process/terminal",
    },
  ];
}

function planOutside(scene: Scene, hooks: PlannedHooks): OutsideOp[] {
  const { request, namespaces, places } = scene;
  const resources = planResources(scene);
  const cgroups = makeCgroups(scene, resources.controllers);
  // a cgroup v2 is entered at birth
  const isBirthplace = (step: OutsideOp): boolean => step.op === "makeCgroup" && step.controllers !== undefined;
  const adjust = processOf(scene).oomScoreAdj;
  return [
    ...reserve(scene),
    ...(scene.lateCgroups ? cgroups.filter(isBirthplace) : [...cgroups, ...resources.before]),
    { op: "spawn", namespaces: cloneFlags(namespaces), cgroup: birthplace(places), preserve: request.preserve },
    ...(scene.lateCgroups ? [...cgroups.filter((step) => !isBirthplace(step)), ...resources.before] : []),
    ...meetNamespaces(scene),
    ...(scene.lateCgroups ? ([{ op: "await", point: "cgroups" }, { op: "proceed" }] as const) : []),
    ...(hooks.creation.length > 0
      ? ([{ op: "await", point: "hooks" }, ...hooks.creation, { op: "proceed" }] as const)
      : []),
    { op: "await", point: "ready" },
    ...(adjust === undefined ? [] : [{ op: "oomScoreAdj", value: adjust, pointer: "/process/oomScoreAdj" } as const]),
    ...resources.after,
    ...(namespaces.user ? planLimits(scene) : []),
    { op: "identify" },
    ...(request.consoleSocket === undefined ? [] : [{ op: "sendTerminal", path: request.consoleSocket } as const]),
    ...(request.pidFile === undefined ? [] : [{ op: "writePid", path: request.pidFile } as const]),
    { op: "proceed" },
    ...(request.start === "now" ? [{ op: "awaitExecution" } as const, ...hooks.poststart] : []),
  ];
}

/** Written down before anything exists that would have to be cleaned up: a runtime killed at any later point leaves a trace. */
function reserve(scene: Scene): readonly OutsideOp[] {
  const { root, directory, start } = scene.request;
  return [
    { op: "makeDirectory", path: root, mode: 0o700, exclusive: false },
    { op: "makeDirectory", path: directory, mode: 0o700, exclusive: true },
    { op: "record", path: `${directory}/state.json`, mode: 0o600, record: recordOf(scene) },
    { op: "keepConfig", path: `${directory}/config.json`, mode: 0o600 },
    ...(start === "later" ? [{ op: "listen", path: `${directory}/start.sock` } as const] : []),
  ];
}
