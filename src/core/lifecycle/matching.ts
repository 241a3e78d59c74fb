import { TsrunError } from "../error.js";
import { containersOf } from "./containers.js";
import type { Context } from "./verb.js";

/**
 * Calls act for each container whose id the expression of --regex fits. One that fails does not keep the others from their turn: the
 * first failure is thrown at the end.
 */
export async function forEachMatching(context: Context, act: (id: string) => Promise<void>): Promise<void> {
  const failures: unknown[] = [];
  for (const id of matching(context)) {
    try {
      await act(id);
    } catch (failure) {
      failures.push(failure);
    }
  }
  if (failures.length > 0) throw failures[0];
}

function matching(context: Context): readonly string[] {
  const expression = compile(context.operands[0] ?? "");
  return containersOf(context)
    .map(({ record }) => record.id)
    .filter((id) => expression.test(id));
}

function compile(pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch {
    throw new TsrunError(
      "usage",
      `invalid value of --regex: expected a regular expression, found ${JSON.stringify(pattern)}`,
    );
  }
}
