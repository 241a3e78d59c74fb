/** As much of config.json as tests touch; everything else is passed on as `spec` wrote it. */
export interface BundleConfig {
  process: { args: string[]; env: string[]; cwd: string; terminal: boolean; [field: string]: unknown };
  root: { path: string; readonly: boolean };
  mounts: { destination: string; type?: string; source?: string; options?: string[] }[];
  linux: { cgroupsPath?: string; [field: string]: unknown };
  [field: string]: unknown;
}

export function makeRootfs(directory: string): void;
export function defaultConfig(runtime: string, directory: string, args: readonly string[]): BundleConfig;
export function makeBundle(
  directory: string,
  options: {
    readonly runtime: string;
    readonly args: readonly string[];
    readonly edit?: (config: BundleConfig) => void;
  },
): BundleConfig;
