import type { Config, IdMappings } from "../generated/config.js";
import type { Outside, Situation } from "./request.js";

type Kind = "uid" | "gid";

/** linux.uidMappings and linux.gidMappings of a new user namespace, written by the runtime (user_namespaces(7)). */
export function planMappings(situation: Situation): Outside {
  return [...mapIds(situation, "uid"), ...mapIds(situation, "gid")];
}

function mapIds(situation: Situation, kind: Kind): Outside {
  const pointer = `/linux/${kind}Mappings`;
  const extents = extentsOf(situation.config, kind);
  if (needsHelper(situation, kind)) {
    const numbers = extents.flatMap(({ containerID, hostID, size }) => [containerID, hostID, size].map(String));
    return [{ op: "mapByHelper", program: kind === "uid" ? "newuidmap" : "newgidmap", numbers, pointer }];
  }
  const text = mapping(extents);
  const denied = kind === "gid" && isPlain(situation);
  return [
    // a group could be left that way to escape what it is denied
    ...(denied ? [{ op: "writeMapping", file: "setgroups", text: "deny", pointer } as const] : []),
    { op: "writeMapping", file: `${kind}_map`, text, pointer },
  ];
}

const extentsOf = ({ linux }: Config, kind: Kind): IdMappings => linux?.[`${kind}Mappings`] ?? [];

/** user_namespaces(7): a line for each extent, all in one write. */
export function mapping(extents: IdMappings = []): string {
  return extents.map(({ containerID, hostID, size }) => `${containerID} ${hostID} ${size}\n`).join("");
}

/** A user without privileges, in the initial user namespace or in another. */
export function isPlain({ request }: Situation): boolean {
  return request.rootless !== undefined && request.owner !== 0;
}

/** Only its own id may a plain user map by itself. */
function needsHelper(situation: Situation, kind: Kind): boolean {
  if (!isPlain(situation)) return false;
  const { owner, rootless } = situation.request;
  const [first, ...others] = extentsOf(situation.config, kind);
  const own = kind === "uid" ? owner : rootless?.group;
  return first?.size !== 1 || first.hostID !== own || others.length > 0;
}

/** setgroups(2) is denied with a group that a plain user mapped by itself, and where it is denied to the runtime; keep-groups of Podman. */
export function maySetGroups(situation: Situation): boolean {
  const { config, facts } = situation;
  const fresh = config.linux?.namespaces?.some(({ type, path = "" }) => type === "user" && path === "") === true;
  const denied = facts.setgroups === "deny" || (fresh && isPlain(situation) && !needsHelper(situation, "gid"));
  return !denied && config.annotations?.["run.oci.keep_original_groups"] === undefined;
}
