import type { Inside, Situation } from "./request.js";

/** linux.readonlyPaths, then linux.maskedPaths: a mask below a read-only tree stays a mask. */
export function planPaths({ config }: Situation): Inside {
  const { readonlyPaths = [], maskedPaths = [] } = config.linux ?? {};
  return [
    ...readonlyPaths.map(
      (path, index) => ({ op: "readonlyPath", path, pointer: `/linux/readonlyPaths/${index}` }) as const,
    ),
    ...[...new Set(maskedPaths)].map(
      (path) => ({ op: "maskPath", path, pointer: `/linux/maskedPaths/${maskedPaths.indexOf(path)}` }) as const,
    ),
  ];
}
