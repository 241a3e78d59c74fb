import type { Device } from "../generated/config.js";
import type { InsideOp } from "../generated/plan.js";
import { absolute, sortOptions } from "./mounts.js";
import type { Inside, Scene } from "./request.js";

/** config-linux.md, "Default Devices". console is made with the terminal. */
const defaults: readonly Device[] = [
  { type: "c", path: "/dev/null", major: 1, minor: 3 },
  { type: "c", path: "/dev/zero", major: 1, minor: 5 },
  { type: "c", path: "/dev/full", major: 1, minor: 7 },
  { type: "c", path: "/dev/tty", major: 5, minor: 0 },
  { type: "c", path: "/dev/random", major: 1, minor: 8 },
  { type: "c", path: "/dev/urandom", major: 1, minor: 9 },
];

/** runtime-linux.md, "Dev symbolic links", and ptmx of the devpts that is the container's own. */
const links: readonly { readonly path: string; readonly target: string }[] = [
  { path: "/dev/fd", target: "/proc/self/fd" },
  { path: "/dev/stdin", target: "/proc/self/fd/0" },
  { path: "/dev/stdout", target: "/proc/self/fd/1" },
  { path: "/dev/stderr", target: "/proc/self/fd/2" },
  { path: "/dev/ptmx", target: "pts/ptmx" },
  // no word of the specification, but runc and crun make it
  { path: "/dev/core", target: "/proc/kcore" },
];

/** S_IFMT bits of mknod(2); u is the unbuffered character device of old. */
const kinds: Readonly<Record<Device["type"], number>> = { c: 0o020000, u: 0o020000, b: 0o060000, p: 0o010000 };

/** A /dev that is bound from elsewhere is the caller's: nothing is added to it. */
export function planDevices({ config, namespaces, request }: Scene): Inside {
  const userNamespace = namespaces.user || request.rootless?.nested === true;
  const asked = config.linux?.devices ?? [];
  const bound = (config.mounts ?? []).some(
    ({ destination, options }) => absolute(destination) === "/dev" && sortOptions(options).bind !== undefined,
  );
  const named = new Set(asked.map(({ path }) => path));
  const missing = bound ? [] : defaults.filter(({ path }) => !named.has(path));
  return missing
    .map((device) => planDevice(device, userNamespace))
    .concat(asked.map((device, index) => planDevice(device, userNamespace, `/linux/devices/${index}`)))
    .concat((bound ? [] : links).map(({ path, target }): InsideOp => ({ op: "makeSymlink", path, target })));
}

function planDevice(device: Device, userNamespace: boolean, pointer?: string): InsideOp {
  const path = absolute(device.path);
  const where = pointer === undefined ? {} : { pointer };
  // a node made in a user namespace opens nothing: the host's node of the same name is bound
  const node = { path, type: kinds[device.type], major: exact(device.major), minor: exact(device.minor), ...where };
  if (userNamespace && device.type !== "p") return { op: "bindDevice", source: path, ...node };
  return {
    op: "makeDevice",
    ...node,
    // engines write the whole st_mode, type included
    mode: (device.fileMode ?? 0o666) & 0o7777,
    ...(device.uid === undefined ? {} : { uid: device.uid }),
    ...(device.gid === undefined ? {} : { gid: device.gid }),
  };
}

/** Device numbers have far fewer bits than the schema's int64; the rules refuse what is out of range. */
function exact(number: number | bigint | undefined): number {
  return typeof number === "number" && number >= 0 ? number : 0;
}
