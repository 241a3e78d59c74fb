import { TsrunError } from "../error.js";
import { type Container, findContainer } from "./container.js";
import type { Context } from "./verb.js";

/** The containers of the state root. One that is broken, or deleted meanwhile, does not spoil the list. */
export function containersOf({ door, globals }: Context): readonly Container[] {
  return door.listNames(globals.root).flatMap((name) => {
    try {
      const container = findContainer(door, `${globals.root}/${name}`);
      return container === undefined ? [] : [container];
    } catch (error) {
      if (error instanceof TsrunError) return [];
      throw error;
    }
  });
}
