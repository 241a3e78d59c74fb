// A container's whole life through the typed API. As root, after `npm run build`:
//   node examples/lifecycle.mjs
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import * as tsrun from "tsrun";
import { makeBundle } from "./busybox-bundle.mjs";

const bundle = mkdtempSync(join(tmpdir(), "lifecycle-"));
const id = `lifecycle-${process.pid}`;
try {
  const runtime = fileURLToPath(new URL("../dist/tsrun", import.meta.url));
  makeBundle(bundle, { runtime, args: ["sh", "-c", "echo pid $$ of $(hostname) && sleep 60"] });

  const { outside, inside } = await tsrun.plan({ bundle, id });
  console.log(`planned: ${outside.length} steps outside, ${inside.length} inside`);

  await tsrun.create(id, { bundle });
  console.log(`after create: ${(await tsrun.state(id)).status}`);
  await tsrun.start(id);
  console.log(`after start: ${(await tsrun.state(id)).status}`);
  // The program writes to our own standard output.
  await pause(200);

  await tsrun.kill(id, "SIGKILL");
  while ((await tsrun.state(id)).status !== "stopped") await pause(10);
  console.log("after kill: stopped");
  await tsrun.delete(id);

  await tsrun.state(id);
} catch (error) {
  if (!(error instanceof tsrun.TsrunError)) throw error;
  console.log(`${error.code}: ${error.message}`);
} finally {
  await tsrun.delete(id, { force: true });
  rmSync(bundle, { recursive: true });
}
