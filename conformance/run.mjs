// node conformance/run.mjs --runtime PATH: judges an OCI runtime. See README.md beside this file.
import { register } from "tsx/esm/api";

register();
await import("./main.ts");
