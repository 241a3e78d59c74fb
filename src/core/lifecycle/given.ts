import { absolutePath } from "../command/globals.js";
import { wholeNumber } from "../command/read.js";
import type { Greeting } from "../door.js";

/** A path of the command line as a member of that name; none when it was not given. */
export function givenPath<Name extends string>(
  name: Name,
  cwd: string,
  value: string | undefined,
): { readonly [key in Name]?: string } {
  return value === undefined || value === "" ? {} : ({ [name]: absolutePath(cwd, value) } as { [key in Name]: string });
}

/** sd_listen_fds(3): how many descriptors from 3 on are the caller's sockets. The variables count only for the process they name. */
export function activation({ env, pid: own }: Greeting): number {
  const { LISTEN_FDS: count = "", LISTEN_PID: pid } = env;
  const meant = pid === undefined || pid === String(own);
  return meant ? (wholeNumber(count, 9999) ?? 0) : 0;
}
