import assert from "node:assert/strict";
import { test } from "node:test";
import { TsrunError } from "../../src/core/error.js";
import { openLog, report } from "../../src/core/log.js";
import { memoryDoor } from "./memory-door.js";

const time = "2026-02-28T23:59:59.007Z";

function told(path: string | undefined, format: string | undefined, message: string) {
  const { door, memory } = memoryDoor({});
  report(door, openLog(door, path, format), message);
  return { stderr: memory.stderr, log: path === undefined ? undefined : memory.files.get(path) };
}

test("a JSON log gets one record and stderr the plain sentence", () => {
  assert.deepEqual(told("/l", "json", 'no "x"'), {
    stderr: 'no "x"\n',
    log: `{"level":"error","msg":"no \\"x\\"","time":"${time}"}\n`,
  });
});

test("a text log gets one record and stderr the plain sentence", () => {
  assert.deepEqual(told("/l", "text", 'no "x"'), {
    stderr: 'no "x"\n',
    log: `time="${time}" level=error msg="no \\"x\\""\n`,
  });
});

test("without a log file stderr gets the sentence, or the record where JSON was asked for", () => {
  assert.equal(told(undefined, undefined, "no x").stderr, "no x\n");
  assert.equal(told("", "json", "no x").stderr, `{"level":"error","msg":"no x","time":"${time}"}\n`);
});

test("a message of several lines and terminal codes becomes one line", () => {
  assert.equal(told(undefined, "text", "a\nb\x1b[1m\x7f\u00e9").stderr, "a\\nb\\u001b[1m\\u007f\u00e9\n");
});

test("a log that cannot be written does not hide the sentence", () => {
  const { door, memory } = memoryDoor(
    {},
    {
      appendLog() {
        throw new TsrunError("kernel", "write /l: no space left on device");
      },
    },
  );
  report(door, openLog(door, "/l", "json"), "no x");
  assert.equal(memory.stderr, "no x\n");
});

test("a message that would fill the reader's pipe is cut", () => {
  const { stderr, log } = told("/l", "json", "x".repeat(100_000));
  assert.ok(stderr.length < 8192 && (log ?? "").length < 8192);
  assert.match(stderr, /^x+\.\.\.\n$/);
});
