/** The package's version; a test compares it with package.json. */
export const version = "0.1.0";

/** Version of the runtime specification that tsrun follows. */
export const specVersion = "1.3.0";

/** Put in by the bundler. */
declare const TSRUN_COMMIT: string | undefined;

/** The commit that was built; empty where nobody said. */
export const commit = typeof TSRUN_COMMIT === "string" ? TSRUN_COMMIT : "";
