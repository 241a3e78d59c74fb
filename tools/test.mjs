// `npm test [-- SUITE…]`: prepares the machine, builds, runs the suites in order and sums up. Works right after a clone.
import { spawn } from "node:child_process";
import { createWriteStream, existsSync, mkdirSync } from "node:fs";
import { finished } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { countTests, skippedTitles, spellCounts } from "./test/counts.mjs";
import { preparations, suites } from "./test/suites.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const logs = `${root}build/test`;
/** Minutes after which a suite, or a preparation, is ended: nothing may hang the run. */
const timeLimit = 10;
/** Lines of a failed suite's output that are shown. */
const shownLines = 400;

const named = process.argv.slice(2);
const unknown = named.find((name) => !suites.some((suite) => suite.name === name));
if (unknown !== undefined) {
  console.error(`test: unknown suite ${unknown}: expected ${suites.map((suite) => suite.name).join(", ")}`);
  process.exit(2);
}
const chosen = named.length === 0 ? suites : suites.filter((suite) => named.includes(suite.name));

// rustup's place, which a shell that is no login shell does not know.
process.env.PATH += `:${process.env.CARGO_HOME ?? `${process.env.HOME ?? "/root"}/.cargo`}/bin`;
mkdirSync(logs, { recursive: true });
/** The command that runs now: it is in a process group of its own, which a terminal's Ctrl-C does not reach. */
let running;
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    if (running?.pid !== undefined) process.kill(-running.pid, "SIGTERM");
    process.exit(1);
  });
}
const begun = performance.now();
for (const preparation of preparations) {
  const { status, seconds, text } = await perform(preparation);
  if (status === 0) {
    console.log(`ok     ${preparation.name.padEnd(16)} ${seconds}`);
    continue;
  }
  console.log(`FAILED ${preparation.name.padEnd(16)} ${seconds}  exit status ${status}`);
  show(text);
  console.log(spellCounts({ passed: 0, failed: 1, skipped: 0 }));
  process.exit(1);
}

const total = { passed: 0, failed: 0, skipped: 0 };
const failed = [];
const skips = [];
for (const suite of chosen) {
  const outcome = await judge(suite);
  for (const name of Object.keys(total)) total[name] += outcome.counts[name];
  if (outcome.counts.failed > 0) failed.push(suite.name);
  skips.push(...skippedTitles(outcome.text).map((title) => `${suite.name}: ${title}`));
}

console.log(`\n${((performance.now() - begun) / 1000).toFixed(0)} s in all; what each suite said is in build/test/`);
for (const skip of skips) console.log(`skipped: ${skip}`);
if (failed.length > 0) console.log(`failed: ${failed.join(", ")}`);
console.log(spellCounts(total));
process.exitCode = total.failed > 0 ? 1 : 0;

/** Runs a suite and prints its line. A suite that ends badly, or without a test, has failed even if no test of it did. */
async function judge(suite) {
  if (suite.needs !== undefined && !isInstalled(suite.needs)) return pass(suite);
  const { status, seconds, text } = await perform(suite);
  const counts = countTests(text);
  const complaint = complain(status, counts);
  if (complaint !== undefined && counts.failed === 0) counts.failed = 1;
  const word = counts.failed === 0 ? "ok    " : "FAILED";
  console.log(`${word} ${suite.name.padEnd(16)} ${seconds}  ${spellCounts(counts)} (${complaint ?? suite.about})`);
  if (counts.failed > 0) show(text);
  return { counts, text };
}

/** Passes a suite over; a failure where every test must run. */
function pass({ name, needs }) {
  const must = process.env.TSRUN_MUST_RUN === "1";
  const counts = { passed: 0, failed: must ? 1 : 0, skipped: must ? 0 : 1 };
  const reason = `${needs} is not installed`;
  console.log(`${must ? "FAILED" : "skip  "} ${name.padEnd(16)} ${"".padStart(8)}  ${spellCounts(counts)} (${reason})`);
  return { counts, text: `ok 1 - the whole suite # SKIP ${reason}` };
}

function isInstalled(program) {
  return process.env.PATH.split(":").some((folder) => existsSync(`${folder}/${program}`));
}

function complain(status, { passed, failed, skipped }) {
  if (status !== 0) return `exit status ${status}`;
  return passed + failed + skipped === 0 ? "no test was run" : undefined;
}

/** Runs a command without standard input; its output goes to a file and is answered as one text. */
async function perform({ name, command: [program, ...args] }) {
  const start = performance.now();
  const log = createWriteStream(`${logs}/${name}.log`);
  const chunks = [];
  const keep = (chunk) => {
    chunks.push(chunk);
    log.write(chunk);
  };
  // A process group of its own, so that all of it can be ended.
  const child = spawn(program, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"], detached: true });
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  running = child;
  const alarm = setTimeout(() => {
    keep(Buffer.from(`\nended after ${timeLimit} minutes\n`));
    process.kill(-child.pid, "SIGTERM");
  }, timeLimit * 60_000);
  const status = await new Promise((resolve) => {
    child.on("error", (error) => {
      keep(Buffer.from(`${program}: ${error.message}\n`));
      resolve(127);
    });
    // "exit", not "close": something that outlives a broken test must not hold up the others.
    child.on("exit", (code, signal) => setTimeout(resolve, 50, code ?? signal));
  });
  clearTimeout(alarm);
  running = undefined;
  child.stdout.destroy();
  child.stderr.destroy();
  log.end();
  await finished(log);
  const seconds = `${((performance.now() - start) / 1000).toFixed(1).padStart(6)} s`;
  return { status, seconds, text: Buffer.concat(chunks).toString("utf8") };
}

function show(text) {
  // What passed is in the log.
  const lines = text
    .trimEnd()
    .split("\n")
    .filter((line) => !/^\s*(✔|ok) /.test(line));
  if (lines.length > shownLines) console.log(`    … ${lines.length - shownLines} lines before these`);
  for (const line of lines.slice(-shownLines)) console.log(`    ${line}`);
}
