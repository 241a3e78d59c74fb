import type { Config, IdMappings, User } from "../../generated/config.js";
import { show } from "../problem.js";
import type { Refuse } from "./rule.js";

/** More lines than this a map of user_namespaces(7) does not take. */
const mostLines = 340;

/** user_namespaces(7). `path` is the user namespace's, "" for a new one; undefined where there is none. */
export function mappingRules({ linux = {}, process }: Config, path: string | undefined, refuse: Refuse): void {
  for (const kind of ["uid", "gid"] as const) {
    const pointer = `/linux/${kind}Mappings`;
    const mappings = linux[`${kind}Mappings`] ?? [];
    if (mappings.length > 0 && path === undefined)
      refuse(pointer, "a namespace of type user in /linux/namespaces", "none");
    if (mappings.length === 0 && path === "") refuse(pointer, "mappings for the new user namespace", "none");
    if (mappings.length === 0) continue;
    extentRules(mappings, pointer, refuse);
    if (path === "") idRules(process?.user ?? {}, kind, mappings, refuse);
  }
}

/** An id that is not mapped does not exist in the new user namespace: setresuid(2) and setgroups(2) fail. */
function idRules(user: User, kind: "uid" | "gid", mappings: IdMappings, refuse: Refuse): void {
  const check = (id: number, pointer: string) => {
    const mapped = mappings.some(({ containerID, size }) => id >= containerID && id - containerID < size);
    if (!mapped) refuse(pointer, `an id of /linux/${kind}Mappings`, show(id));
  };
  check(user[kind] ?? 0, `/process/user/${kind}`);
  if (kind === "gid")
    user.additionalGids?.forEach((gid, index) => {
      check(gid, `/process/user/additionalGids/${index}`);
    });
}

export function extentRules(mappings: IdMappings, pointer: string, refuse: Refuse): void {
  if (mappings.length > mostLines) refuse(pointer, `at most ${mostLines} mappings`, show(mappings.length));
  for (const key of ["containerID", "hostID"] as const) {
    const taken: { readonly first: number; readonly end: number; readonly index: number }[] = [];
    mappings.forEach((mapping, index) => {
      const first = mapping[key];
      const end = first + mapping.size;
      // the last id, 4294967295, is nobody's
      if (end > 0xffff_ffff)
        refuse(`${pointer}/${index}/size`, `ids up to 4294967294 from ${first} on`, show(mapping.size));
      const other = taken.find((range) => first < range.end && range.first < end);
      if (other !== undefined)
        refuse(`${pointer}/${index}/${key}`, `ids that mapping ${other.index} does not have`, show(first));
      taken.push({ first, end, index });
    });
  }
}
