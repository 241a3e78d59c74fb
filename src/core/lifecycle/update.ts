import { absolutePath } from "../command/globals.js";
import { parseConfig } from "../config/read.js";
import { readResources } from "../config/read-resources.js";
import { writeExactly } from "../config/write-json.js";
import type { Door, Outcome } from "../door.js";
import { TsrunError } from "../error.js";
import type { Config, Resources } from "../generated/config.js";
import type { OutsideOp, Plan } from "../generated/plan.js";
import { mergeResources } from "../plan/merge.js";
import { restoringValues } from "../plan/restore.js";
import { planUpdate, type Update } from "../plan/update.js";
import { type Container, needContainer } from "./container.js";
import { warn } from "./make.js";
import { freezerOf, planFreeze } from "./removal.js";
import { resourcesOfFlags } from "./update-flags.js";
import type { Context, Verb } from "./verb.js";

const CONFIG_LIMIT = 16 * 1024 * 1024;

/** Changes the limits of a living container, all or none, and remembers them. */
export const update: Verb = async (context) => {
  const [id = ""] = context.operands;
  const container = needContainer(context, id);
  if (container.process === undefined) throw new TsrunError("state", "container not running");
  const { door, options } = context;
  const given = { ...fileResources(context) };
  const asked = mergeResources(given, resourcesOfFlags(options));
  const file = `${container.directory}/config.json`;
  const config = parseConfig(door.readText(file, CONFIG_LIMIT) ?? "{}").value as Config;
  const stored = config.linux?.resources ?? {};
  const merged = mergeResources(stored, asked);
  const planned = planUpdate({
    record: container.record,
    hierarchies: door.facts().cgroup.hierarchies,
    stored,
    asked,
    merged,
  });
  if (options["dry-run"] === true) {
    door.print(1, (await import("../plan/list-writes.js")).listUpdate(door, planned));
    return 0;
  }
  const [refusal] = planned.refused;
  if (refusal !== undefined) throw refusal;
  checkUsage(door, planned, merged);
  const text = writeExactly({ ...config, linux: { ...config.linux, resources: merged } });
  await change(door, container, planned, { op: "replaceText", path: file, mode: 0o600, text });
  warn(door, planned.ignored);
  return 0;
};

/** `-` is standard input: containerd sends the resources there. */
function fileResources({ door, host, options }: Context): Resources {
  const name = options.resources;
  if (name === undefined) return {};
  if (name === "-") return readResources(door.readInput(CONFIG_LIMIT), "stdin");
  const text = door.readText(absolutePath(host.cwd, name), CONFIG_LIMIT);
  if (text === undefined) throw new TsrunError("usage", `open ${name}: no such file or directory`, { errno: "ENOENT" });
  return readResources(text, name);
}

/** cgroup v2 takes a limit below what is in use, and kills for it; who says checkBeforeUpdate does not want that. */
function checkUsage(door: Door, { writes }: Update, { memory = {} }: Resources): void {
  if (memory.checkBeforeUpdate !== true) return;
  for (const [file, used, words] of [
    ["memory.max", "memory.current", "memory limit"],
    ["memory.swap.max", "memory.swap.current", "memory+swap limit"],
  ] as const) {
    const step = writes.find((write) => write.file === file);
    if (step === undefined) continue;
    const [usage] = door.readKernelFiles([`${step.directory}/${used}`], false);
    const value = step.values[0] ?? "max";
    if (usage === undefined || value === "max" || BigInt(usage.trim()) <= BigInt(value)) continue;
    throw new TsrunError("state", `rejecting ${words} ${value}: usage ${usage.trim()}`, {
      pointer: step.pointer,
    });
  }
}

async function change(
  door: Door,
  container: Container,
  { writes, program, programBefore, standstill }: Update,
  keep: OutsideOp,
): Promise<void> {
  const before = valuesBefore(door, writes);
  const { record, status } = container;
  const hold = standstill && status !== "paused" && freezerOf(record) !== undefined;
  const outside = [
    ...(hold ? planFreeze(record, true) : []),
    ...writes,
    ...program,
    keep,
    ...(hold ? planFreeze(record, false) : []),
  ];
  const plan: Plan = { version: 1, outside, inside: [] };
  const outcome = door.perform(plan);
  if (outcome.done) return;
  restore(door, writes, before);
  if (programBefore.length > 0) door.perform({ version: 1, outside: [...programBefore], inside: [] });
  if (hold) door.perform({ version: 1, outside: [...planFreeze(record, false)], inside: [] });
  throw await explanation(plan, outcome);
}

async function explanation(plan: Plan, outcome: Extract<Outcome, { done: false }>): Promise<TsrunError> {
  return (await import("../plan/sentence.js")).explain(plan, outcome, "unable to update container");
}

type Write = Extract<OutsideOp, { op: "writeCgroup" }>;

function valuesBefore(door: Door, writes: readonly Write[]): readonly (string | undefined)[] {
  return door.readKernelFiles(
    writes.map(({ directory, file }) => `${directory}/${file}`),
    false,
  );
}

/** In reverse: each value finds beside it what it was written beside. Lists of devices cannot be read back: their opposite is known. */
function restore(door: Door, writes: readonly Write[], before: readonly (string | undefined)[]): void {
  const steps = writes.flatMap((write, index): Write[] => {
    const { directory, file, values } = write;
    if (file === "devices.allow") return [{ op: "writeCgroup", directory, file: "devices.deny", values }];
    if (file === "devices.deny") return [{ op: "writeCgroup", directory, file: "devices.allow", values }];
    const text = before[index];
    return text === undefined
      ? []
      : [{ op: "writeCgroup", directory, file, values: [...restoringValues(file, text, values)], flexible: true }];
  });
  door.perform({ version: 1, outside: steps.reverse(), inside: [] });
}
