import type { Hook } from "../generated/config.js";
import type { OutsideOp } from "../generated/plan.js";
import type { Situation } from "./request.js";

/** What a hook reads on its standard input (runtime.md, "State"); the door adds the pid. */
interface HookState {
  readonly ociVersion: string;
  readonly id: string;
  readonly bundle: string;
  readonly annotations: Readonly<{ [key: string]: string }>;
}

export function hookSteps(
  hooks: readonly Hook[],
  pointer: string,
  status: string,
  state: HookState,
): readonly OutsideOp[] {
  const { ociVersion, id, bundle, annotations } = state;
  const text = JSON.stringify({ ociVersion, id, status, bundle, annotations });
  return hooks.map(({ path, args, env, timeout }, index) => ({
    op: "hook",
    path,
    args: args === undefined || args.length === 0 ? [path] : [...args],
    env: [...(env ?? [])],
    timeout: timeout ?? 0,
    state: text,
    pointer: `/hooks/${pointer}/${index}`,
  }));
}

export interface PlannedHooks {
  readonly creation: readonly OutsideOp[];
  readonly poststart: readonly OutsideOp[];
}

/** prestart (deprecated) and createRuntime run when the namespaces exist, before the root is entered. */
export function planHooks({ config, request }: Situation): PlannedHooks {
  if (config.hooks === undefined) return { creation: [], poststart: [] };
  const { prestart = [], createRuntime = [], poststart = [] } = config.hooks;
  const state = {
    ociVersion: config.ociVersion,
    id: request.id,
    bundle: request.bundle,
    annotations: config.annotations ?? {},
  };
  return {
    creation: [
      ...hookSteps(prestart, "prestart", "creating", state),
      ...hookSteps(createRuntime, "createRuntime", "creating", state),
    ],
    poststart: hookSteps(poststart, "poststart", "running", state),
  };
}
