// What `npm test` runs, in order. A suite is a name, what it is about, and one command; nothing else is special about it.

import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** node:test over every test file below a folder, TypeScript through tsx. */
const node = (folder) => ["node", "--import", "tsx", "--test", "--test-reporter=spec", ...testFiles(folder)];

/** Node 20 does not expand patterns. A folder without tests is named itself, which fails: no suite may be empty. */
function testFiles(folder) {
  const names = readdirSync(root + folder, { recursive: true });
  const files = names.filter((name) => /\.test\.(ts|mjs)$/.test(name)).map((name) => `${folder}/${name}`);
  return files.length === 0 ? [folder] : files.sort();
}

/** Before the suites; nothing can be tested when one of these fails. */
export const preparations = [
  { name: "setup", command: ["bash", "tools/setup.sh"] },
  { name: "build", command: ["npm", "run", "--silent", "build"] },
];

export const suites = [
  { name: "house", about: "the rules of this repository", command: node("test/house") },
  { name: "runner", about: "how tests are counted", command: node("test/tools") },
  { name: "core", about: "the brain, file by file", command: node("test/core") },
  { name: "cli", about: "the command line, on both fronts", command: node("test/cli") },
];
