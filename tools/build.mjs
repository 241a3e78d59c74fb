// Builds dist/: `node tools/build.mjs [PART…]`, all parts in order when none is named. Quiet when all goes well.
import { bundleCore } from "./build/bundle.mjs";
import { buildDoor, buildEngine, buildInit } from "./build/cargo.mjs";
import { generate } from "./build/generate.mjs";
import { buildMan } from "./build/man.mjs";
import { buildNode } from "./build/node.mjs";

/** In the order in which they need each other: the door embeds init, the engine embeds the bundle and the door. */
const parts = {
  generate,
  bundle: bundleCore,
  init: buildInit,
  door: buildDoor,
  engine: buildEngine,
  node: buildNode,
  man: buildMan,
};

const named = process.argv.slice(2);
const unknown = named.find((name) => !Object.hasOwn(parts, name));
if (unknown !== undefined) {
  console.error(`build: unknown part ${unknown}: expected ${Object.keys(parts).join(", ")}`);
  process.exit(2);
}

for (const [name, build] of Object.entries(parts)) {
  if (named.length > 0 && !named.includes(name)) continue;
  try {
    await build();
  } catch (error) {
    console.error(`build: ${name}: ${error.message}`);
    process.exit(1);
  }
}
