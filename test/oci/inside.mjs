// Runs the programs in a sandbox: inside.mjs PROGRAMS WORK REPORT RUNTIME [NAME…]
import { spawnSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";

const [programs, work, report, runtime, ...named] = process.argv.slice(2);
/** Some wait ten seconds for what does not come. */
const patience = 120_000;

// states of earlier runs, and those that a failing program leaves, are nobody's business
const hidden = spawnSync("mount", ["-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run"], { encoding: "utf8" });
if (hidden.status !== 0) throw new Error(`mount: ${hidden.stderr}`);

const names = readdirSync(programs).filter((name) => name !== "runtimetest");
const chosen = named.length === 0 ? names : names.filter((name) => named.includes(name));
writeFileSync(
  report,
  JSON.stringify(Object.fromEntries(chosen.sort().map((name) => [name, judge(name)])), undefined, 1),
);

/** TAP: what is not ok, and not only hoped for. A program that fails without such a line has said why on its stderr. */
function judge(name) {
  const env = { ...process.env, RUNTIME: runtime };
  const options = { cwd: work, env, encoding: "utf8", timeout: patience, killSignal: "SIGKILL" };
  const { status, signal, stdout, stderr } = spawnSync(`${programs}/${name}`, options);
  const lines = stdout.split("\n");
  const failures = lines.filter((line) => /^not ok\b/.test(line) && !/# (TODO|SKIP)/i.test(line)).map(title);
  const good = lines.filter((line) => /^ok\b/.test(line));
  const skipped = good.length > 0 && good.every((line) => /# SKIP/i.test(line));
  if (failures.length === 0 && status !== 0) {
    const words = stderr.trim().split("\n").at(-1) ?? "";
    failures.push(signal === null ? `exit status ${status}: ${words}` : `no end within ${patience / 1000} s`);
  }
  return { failures: [...new Set(failures)], skipped };
}

function title(line) {
  return line.replace(/^not ok \d+ -? ?/, "").trim();
}
