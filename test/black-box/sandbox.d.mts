export type Layout = "hybrid" | "v1";
export function sandboxLayout(): Layout | undefined;
export function runInSandbox(layout: Layout, command: readonly string[]): number;
