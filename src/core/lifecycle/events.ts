import { writeExactly } from "../config/write-json.js";
import { TsrunError } from "../error.js";
import { placesOfRecord } from "../plan/update.js";
import { needContainer } from "./container.js";
import { takeSample } from "./sample.js";
import { statisticsOf } from "./statistics.js";
import type { Verb } from "./verb.js";

/** One line of JSON with what the container uses. */
export const events: Verb = ({ door, options, ...context }) => {
  const [id = ""] = context.operands;
  const { record, process } = needContainer({ door, options, ...context }, id);
  if (options.stats !== true)
    throw new TsrunError("unsupported", "events without --stats is not supported by tsrun yet");
  if (process === undefined) throw new TsrunError("state", "container not running");
  const places = placesOfRecord({ record, hierarchies: door.facts().cgroup.hierarchies });
  if (places.length === 0) throw new TsrunError("unsupported", "the container has no cgroup of its own");
  const data = statisticsOf(takeSample(door, places));
  door.print(1, `${writeExactly({ type: "stats", id, data })}\n`);
  return 0;
};
