import type { Hook } from "../generated/config.js";
import type { InsideOp, OutsideHook } from "../generated/plan.js";
import type { Inside, Situation } from "./request.js";

/** What a hook reads on its standard input (runtime.md, "State"); who performs it adds the pid where there is none. */
interface HookState {
  readonly ociVersion: string;
  readonly id: string;
  readonly bundle: string;
  readonly annotations: Readonly<{ [key: string]: string }>;
  readonly pid?: number;
}

type HookName = "prestart" | "createRuntime" | "createContainer" | "startContainer" | "poststart" | "poststop";
type Status = "creating" | "created" | "running" | "stopped";

/** Hooks that run in the runtime's namespaces. */
export function hookSteps(
  hooks: readonly Hook[],
  name: HookName,
  status: Status,
  { ociVersion, id, bundle, annotations, pid }: HookState,
): readonly OutsideHook[] {
  const state = { ociVersion, id, status, ...(pid === undefined ? {} : { pid }), bundle, annotations };
  return hooks.map(({ path, args, env, timeout }, index) => ({
    op: "hook",
    path,
    args: args === undefined || args.length === 0 ? [path] : [...args],
    env: [...(env ?? [])],
    timeout: timeout ?? 0,
    directory: bundle,
    state: JSON.stringify(state),
    pointer: `/hooks/${name}/${index}`,
  }));
}

export interface PlannedHooks {
  /** When the namespaces exist, in the runtime's. prestart is deprecated, and older than createRuntime. */
  readonly creation: readonly OutsideHook[];
  /** In the container's namespaces, before the root is entered: paths are the runtime's. */
  readonly createContainer: Inside;
  /** In the container, as the program will be. */
  readonly startContainer: Inside;
  readonly poststart: readonly OutsideHook[];
}

/** The state of a container that is being made, without its pid. */
export function creating({ config, request }: Pick<Situation, "config" | "request">) {
  const { ociVersion, annotations = {} } = config;
  return { ociVersion, id: request.id, status: "creating", bundle: request.bundle, annotations };
}

const none: PlannedHooks = { creation: [], createContainer: [], startContainer: [], poststart: [] };

export function planHooks({ config, request }: Situation): PlannedHooks {
  const { hooks } = config;
  if (hooks === undefined) return none;
  const state = creating({ config, request });
  const steps = (name: HookName, status: Status): readonly OutsideHook[] =>
    hookSteps(hooks[name] ?? [], name, status, state);
  return {
    creation: [...steps("prestart", "creating"), ...steps("createRuntime", "creating")],
    createContainer: steps("createContainer", "creating"),
    // without an environment of its own a hook in the container has the program's, as with runc
    startContainer: steps("startContainer", "created").map((step, index): InsideOp => ({
      ...step,
      directory: "",
      programEnv: hooks.startContainer?.[index]?.env === undefined,
    })),
    poststart: steps("poststart", "running"),
  };
}
