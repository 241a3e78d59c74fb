import type { Process } from "../generated/config.js";
import type { InsideOp, OutsideOp } from "../generated/plan.js";
import { ioPriorityClasses, schedulerFlags, schedulerPolicies } from "../tables/scheduling.js";

/** Steps that init performs on itself, or the runtime on init. */
type Either = readonly Extract<InsideOp & OutsideOp, { op: "scheduler" | "ioPriority" }>[];

/** process.scheduler and process.ioPriority. What is not set is 0, as the specification asks. */
export function planScheduling({ scheduler, ioPriority }: Process): Either {
  return [
    ...(scheduler === undefined
      ? []
      : ([
          {
            op: "scheduler",
            policy: schedulerPolicies[scheduler.policy],
            nice: scheduler.nice ?? 0,
            priority: scheduler.priority ?? 0,
            flags: (scheduler.flags ?? []).reduce((flags, name) => flags | schedulerFlags[name], 0),
            runtime: String(scheduler.runtime ?? 0),
            deadline: String(scheduler.deadline ?? 0),
            period: String(scheduler.period ?? 0),
            pointer: "/process/scheduler",
          },
        ] as const)),
    ...(ioPriority === undefined
      ? []
      : ([
          {
            op: "ioPriority",
            value: (ioPriorityClasses[ioPriority.class] << 13) | (ioPriority.priority ?? 0),
            pointer: "/process/ioPriority",
          },
        ] as const)),
  ];
}
