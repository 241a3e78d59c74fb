import { personas } from "../tables/scheduling.js";
import type { Inside, Situation } from "./request.js";

/** linux.personality. Its flags are none of the specification's yet, and refused. */
export function planPersonality({ config }: Pick<Situation, "config">): Inside {
  const domain = config.linux?.personality?.domain;
  return domain === undefined
    ? []
    : [{ op: "personality", persona: personas[domain], pointer: "/linux/personality/domain" }];
}
