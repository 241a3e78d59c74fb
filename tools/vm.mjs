// Machines that this one is not: Debian 12 in qemu with systemd as process 1, cgroup v2 or v1, and AppArmor.
//   npm run test:vm [-- RUN…]                     judges tsrun, runc and crun there; a part of a name names many runs
//   node tools/vm.mjs --in v2|hybrid 'COMMAND'    one command, with dist/, conformance/ and node in /opt/payload
// The first machine is made by debootstrap, which takes minutes; it is kept in the user's cache directory.
import { existsSync, rmSync } from "node:fs";
import { spellCounts } from "./test/counts.mjs";
import { boot, layoutNames } from "./vm/boot.mjs";
import { payload } from "./vm/payload.mjs";
import { runs } from "./vm/runs.mjs";

/** Minutes after which a machine is ended: without KVM everything in it takes about ten times as long. */
const minutes = 30;

const words = process.argv.slice(2);
const print = (text) => process.stdout.write(text);
process.exitCode = words[0] === "--in" ? await perform(words[1], words.slice(2).join(" ")) : await judge(words);

/** One command; its exit status is ours. */
async function perform(layout, script) {
  if (!layoutNames.includes(layout)) return refuse(`--in: expected ${layoutNames.join(" or ")}, found ${layout}`);
  const missing = missingProgram();
  if (missing !== undefined) return refuse(`${missing} is not installed`);
  return inMachine(layout, script);
}

async function judge(names) {
  const unknown = names.find((name) => !runs.some((run) => run.name.includes(name)));
  if (unknown !== undefined)
    return refuse(`unknown run ${unknown}: expected ${runs.map(({ name }) => name).join(", ")}`);
  const missing = missingProgram();
  if (missing !== undefined) return pass(`${missing} is not installed`);
  const chosen = runs.filter((run) => names.length === 0 || names.some((name) => run.name.includes(name)));
  let failed = false;
  for (const layout of layoutNames) {
    const scripts = chosen
      .filter((run) => run.layout === layout)
      .map(({ name, command }) => `echo; echo "== ${name}"; ${command} || bad=1`);
    if (scripts.length === 0) continue;
    try {
      if ((await inMachine(layout, `bad=0\n${scripts.join("\n")}\nexit $bad`)) !== 0) failed = true;
    } catch (error) {
      print(`${error.message}\n${spellCounts({ passed: 0, failed: 1, skipped: 0 })}\n`);
      failed = true;
    }
  }
  return failed ? 1 : 0;
}

async function inMachine(layout, script) {
  const file = await payload(layout, script);
  try {
    return await boot({ layout, payload: file, minutes, print });
  } finally {
    rmSync(file, { force: true });
  }
}

function missingProgram() {
  const folders = (process.env.PATH ?? "").split(":").concat("/usr/sbin");
  const needed = ["qemu-system-x86_64", "debootstrap", "mkfs.ext4"];
  return needed.find((program) => !folders.some((folder) => existsSync(`${folder}/${program}`)));
}

/** A visible skip; a failure where every test must run. */
function pass(reason) {
  const must = process.env.TSRUN_MUST_RUN === "1";
  print(`${must ? "not ok" : "ok"} 1 - the machines # SKIP ${reason}\n`);
  print(`${spellCounts({ passed: 0, failed: must ? 1 : 0, skipped: must ? 0 : 1 })}\n`);
  return must ? 1 : 0;
}

function refuse(sentence) {
  process.stderr.write(`vm: ${sentence}\n`);
  return 2;
}
