import type { InsideOp, OutsideOp, Plan } from "../generated/plan.js";
import { birthplace, joinCgroups, makeCgroups, placesOf } from "./cgroup.js";
import { planDevices } from "./devices.js";
import { planHooks } from "./hooks.js";
import { planMounts } from "./mounts.js";
import { cloneFlags, enterNamespaces, hasMountNamespace, meetNamespaces, namespacesOf } from "./namespaces.js";
import { planPaths } from "./paths.js";
import { planExecution, planIdentity, planLimits, processOf } from "./process.js";
import { recordOf } from "./record.js";
import type { Inside, Outside, Situation } from "./request.js";
import { planResources } from "./resources.js";
import { enterRoot, openRoot, readonlyRoot } from "./root.js";
import { planSysctl } from "./sysctl.js";

/** All that create (or run) will do, in order. A pure function: the same situation gives the same plan. */
export function planCreate(situation: Situation): Plan {
  return { version: 1, outside: [...planOutside(situation)], inside: [...planInside(situation)] };
}

function planInside(situation: Situation): Inside {
  const { config, request } = situation;
  const namespaces = namespacesOf(config);
  const places = placesOf(situation);
  const { mounts, finish } = planMounts(situation, namespaces, places);
  const isolated = hasMountNamespace(namespaces);
  const hooks = planHooks(situation);
  return [
    ...joinCgroups(places),
    ...enterNamespaces(situation, namespaces),
    ...openRoot(situation, namespaces),
    ...mounts,
    ...(isolated ? planDevices(situation, namespaces) : []),
    ...(hooks.creation.length > 0 ? [{ op: "meet", point: "hooks" } as const] : []),
    ...planTerminal(situation),
    ...finish,
    ...planPaths(situation),
    ...readonlyRoot(situation),
    ...enterRoot(situation, namespaces),
    ...name(config.hostname, "hostname"),
    ...name(config.domainname, "domainname"),
    ...planSysctl(situation),
    ...planIdentity(situation),
    { op: "meet", point: "ready" },
    ...(request.start === "later" ? [{ op: "awaitStart" } as const] : []),
    ...planExecution(situation),
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

function planOutside(situation: Situation): Outside {
  const { config, request } = situation;
  const namespaces = namespacesOf(config);
  const places = placesOf(situation);
  const resources = planResources(situation, places);
  const hooks = planHooks(situation);
  const record = JSON.stringify(recordOf(situation, places, namespaces));
  const adjust = processOf(situation).oomScoreAdj;
  return [
    ...reserve(situation, record),
    ...makeCgroups(places, resources.controllers),
    ...resources.before,
    { op: "spawn", namespaces: cloneFlags(namespaces), cgroup: birthplace(places), preserve: request.preserve },
    ...meetNamespaces(situation, namespaces),
    ...(hooks.creation.length > 0
      ? ([{ op: "await", point: "hooks" }, ...hooks.creation, { op: "proceed" }] as const)
      : []),
    { op: "await", point: "ready" },
    ...(adjust === undefined ? [] : [{ op: "oomScoreAdj", value: adjust, pointer: "/process/oomScoreAdj" } as const]),
    ...resources.after,
    ...(namespaces.user ? planLimits(situation) : []),
    { op: "record", path: `${request.directory}/state.json`, text: record, mode: 0o600 },
    ...(request.consoleSocket === undefined ? [] : [{ op: "sendTerminal", path: request.consoleSocket } as const]),
    ...(request.pidFile === undefined ? [] : [{ op: "writePid", path: request.pidFile } as const]),
    { op: "proceed" },
    ...(request.start === "now" ? [{ op: "awaitExecution" } as const, ...hooks.poststart] : []),
  ];
}

/** Written down before anything exists that would have to be cleaned up: a runtime killed at any later point leaves a trace. */
function reserve({ request }: Situation, record: string): readonly OutsideOp[] {
  const { root, directory } = request;
  return [
    { op: "makeDirectory", path: root, mode: 0o700, exclusive: false },
    { op: "makeDirectory", path: directory, mode: 0o700, exclusive: true },
    { op: "writeFile", path: `${directory}/state.json`, text: record, mode: 0o600 },
    { op: "keepConfig", path: `${directory}/config.json`, mode: 0o600 },
    ...(request.start === "later" ? [{ op: "listen", path: `${directory}/start.sock` } as const] : []),
  ];
}
