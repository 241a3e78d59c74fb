// npm run demo: prepares the machine, builds tsrun and walks one container through its life, showing every command and
// its answer. Works right after `git clone`, as root; needs nothing but Node.js and Rust. A second run takes seconds.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { play } from "./demo/play.mjs";
import { Stage } from "./demo/stage.mjs";

const home = resolve(import.meta.dirname, "..");

if (process.platform !== "linux" || process.geteuid() !== 0) {
  console.error("demo: containers need Linux and root: sudo npm run demo");
  process.exit(1);
}

const stage = new Stage();
const tsrun = join(home, "dist/tsrun");
/** Made after the build, which may take minutes: places for temporary files are swept. */
let work;

const rootIn = (directory) => join(directory, "state");

/** Leaves the machine as it was, at whatever point the demo ended. */
function cleanUp() {
  if (work === undefined) return;
  for (const id of ["demo", "wrong"]) stage.quietly([tsrun, "--root", rootIn(work), "delete", "--force", id]);
  rmSync(work, { recursive: true, force: true });
}

for (const [signal, status] of Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }))
  process.on(signal, () => {
    cleanUp();
    process.exit(status);
  });

try {
  stage.scene("What this machine needs, and the build");
  if (!existsSync(tsrun)) stage.say("the first time this takes some minutes");
  await stage.command(["sh", "tools/setup.sh"], { cwd: home });
  await stage.command(["npm", "run", "--silent", "build"], { cwd: home });
  work = mkdtempSync(join(tmpdir(), "tsrun-demo-"));
  await play(stage, { home, tsrun, root: rootIn(work), work });
} catch (error) {
  console.error(`demo: ${error.message}`);
  process.exitCode = 1;
} finally {
  cleanUp();
}
