import assert from "node:assert/strict";
import { test } from "node:test";
import { TsrunError } from "../../src/core/error.js";
import { type Failure, openLog, report } from "../../src/core/log.js";
import { memoryDoor } from "./memory-door.js";

const time = "2026-02-28T23:59:59.007Z";

async function told(path: string | undefined, format: string | undefined, msg: string, facts: Partial<Failure> = {}) {
  const { door, memory } = memoryDoor({});
  report(door, await openLog(door, path, format), { msg, ...facts });
  return { stderr: memory.stderr, log: path === undefined ? undefined : memory.files.get(path) };
}

test("a JSON log gets one record and stderr the plain sentence", async () => {
  assert.deepEqual(await told("/l", "json", 'no "x"'), {
    stderr: 'no "x"\n',
    log: `{"level":"error","msg":"no \\"x\\"","time":"${time}"}\n`,
  });
});

test("a text log gets one record and stderr the plain sentence", async () => {
  assert.deepEqual(await told("/l", "text", 'no "x"'), {
    stderr: 'no "x"\n',
    log: `time="${time}" level=error msg="no \\"x\\""\n`,
  });
});

test("without a log file stderr gets the sentence, or the record where JSON was asked for", async () => {
  assert.equal((await told(undefined, undefined, "no x")).stderr, "no x\n");
  assert.equal((await told("", "json", "no x")).stderr, `{"level":"error","msg":"no x","time":"${time}"}\n`);
});

test("a message of several lines and terminal codes becomes one line", async () => {
  assert.equal((await told(undefined, "text", "a\nb\x1b[1m\x7f\u00e9")).stderr, "a\\nb\\u001b[1m\\u007f\u00e9\n");
});

test("a log that cannot be written does not hide the sentence", async () => {
  const { door, memory } = memoryDoor(
    {},
    {
      appendLog() {
        throw new TsrunError("kernel", "write /l: no space left on device");
      },
    },
  );
  report(door, await openLog(door, "/l", "json"), { msg: "no x" });
  assert.equal(memory.stderr, "no x\n");
});

test("a message that would fill the reader's pipe is cut", async () => {
  const { stderr, log } = await told("/l", "json", "x".repeat(100_000));
  assert.ok(stderr.length < 8192 && (log ?? "").length < 8192);
  assert.match(stderr, /^x+\.\.\.\n$/);
});

test("a JSON record tells code, operation, pointer and errno where they are known", async () => {
  const facts = { code: "kernel", op: "mount", pointer: "/mounts/3", errno: "ENOENT" } as const;
  const { stderr, log } = await told("/l", "json", "no x", facts);
  assert.deepEqual(JSON.parse(log ?? ""), { level: "error", msg: "no x", time, ...facts });
  assert.equal(stderr, "no x\n");
});

test("the log may be named as crun does: a file, the journal, syslog", async () => {
  assert.equal((await told("file:/l", "json", "no x")).log, undefined);
  const opened: unknown[] = [];
  const written: string[] = [];
  for (const target of ["file:/l", "journald:web", "syslog:web", "syslog:", "/a:b"]) {
    const { door } = memoryDoor(
      {},
      { openLog: (...words) => void opened.push(words), appendLog: (line) => void written.push(line) },
    );
    report(door, await openLog(door, target, "text"), { msg: "no\nx", code: "usage" });
  }
  assert.deepEqual(opened, [
    ["/l"],
    ["/run/systemd/journal/socket", true],
    ["/dev/log", true],
    ["/dev/log", true],
    ["/a:b"],
  ]);
  assert.deepEqual(written, [
    `time="${time}" level=error msg="no\\nx"\n`,
    "PRIORITY=3\nSYSLOG_IDENTIFIER=web\nMESSAGE=no\\nx\nTSRUN_CODE=usage\n",
    "<27>web: no\\nx",
    "<27>tsrun: no\\nx",
    `time="${time}" level=error msg="no\\nx"\n`,
  ]);
});
