export type Layout = "hybrid" | "v1";
export function insideSandbox(layout: Layout): boolean;
export function runInSandbox(layout: Layout, command: readonly string[]): number;
