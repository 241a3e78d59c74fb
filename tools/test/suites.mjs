// What `npm test` runs, in order. A suite is a name, what it is about, and one command; `needs` names a
// program without which it is skipped.
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** node:test over every test file below a folder, TypeScript through tsx. */
const node = (folder) => ["node", "--import", "tsx", "--test", "--test-reporter=spec", ...testFiles(folder)];

/** The same with cgroups, mounts and pids of its own, which all go when the suite ends. */
const boxed = (folder) => ["node", "test/black-box/sandbox.mjs", cgroupLayout(), ...node(folder)];

const conformance = (runtime, ...flags) => ["node", "conformance/run.mjs", "--runtime", runtime, ...flags];

/** Node 20 does not expand patterns. A folder without tests is named itself, which fails: no suite may be empty. */
function testFiles(folder) {
  const names = readdirSync(root + folder, { recursive: true });
  const files = names.filter((name) => /\.test\.(ts|mjs)$/.test(name)).map((name) => `${folder}/${name}`);
  return files.length === 0 ? [folder] : files.sort();
}

function cgroupLayout() {
  return /^\S+ \S+ cgroup /m.test(readFileSync("/proc/self/mounts", "utf8")) ? "hybrid" : "v2";
}

/** Before the suites; nothing can be tested when one of these fails. */
export const preparations = [
  { name: "setup", command: ["sh", "tools/setup.sh"] },
  { name: "build", command: ["npm", "run", "--silent", "build"] },
];

export const suites = [
  { name: "house", about: "the rules of this repository", command: node("test/house") },
  { name: "runner", about: "how tests are counted", command: node("test/tools") },
  { name: "core", about: "the brain, file by file", command: node("test/core") },
  { name: "schemas", about: "the official verdict on every configuration", command: node("test/schemas") },
  {
    name: "rust",
    about: "the crates",
    command: ["cargo", "test", "--quiet", "--locked", "--no-fail-fast", "--manifest-path", "native/Cargo.toml"],
  },
  { name: "dist", about: "what the build makes", command: node("test/build") },
  { name: "cli", about: "both fronts read every command line alike", command: node("test/cli") },
  { name: "api", about: "the npm package's functions and errors", command: boxed("test/node") },
  { name: "conformance", about: "dist/tsrun, judged from outside", command: conformance("dist/tsrun") },
  { name: "conformance-node", about: "the same for tsrun-node", command: conformance("dist/node/tsrun-node") },
  { name: "judge", about: "what the conformance suite says of itself", command: node("test/conformance") },
  {
    name: "judge-runc",
    about: "the suite is right about runc",
    needs: "runc",
    command: conformance("runc", "--again", "2"),
  },
  {
    name: "judge-crun",
    about: "the suite is right about crun",
    needs: "crun",
    command: conformance("crun", "--again", "2"),
  },
  { name: "bad-input", about: "one line, status 1, nothing left behind", command: boxed("test/bad-input") },
  { name: "engines", about: "under Podman, containerd and Docker", command: boxed("test/engines") },
  { name: "sweep", about: "killed at every system call", command: boxed("test/sweep") },
];
