export type Layout = "hybrid" | "v1" | "v2";
export function sandboxLayout(): Layout | undefined;
export function runInSandbox(layout: Layout, command: readonly string[]): number;
