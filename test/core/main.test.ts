import assert from "node:assert/strict";
import { test } from "node:test";
import type { Door, Greeting } from "../../src/core/door.js";
import { main } from "../../src/core/main.js";
import { parse as embedded } from "../../src/embedded/argv.js";
import { parse as node } from "../../src/node/argv.js";
import { memoryDoor } from "./memory-door.js";

const fronts = { embedded, node };

interface Ending {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly files: Readonly<Record<string, string>>;
}

async function run(parse: typeof embedded, host: Partial<Greeting>, overrides: Partial<Door> = {}): Promise<Ending> {
  const { door, memory } = memoryDoor(host, overrides);
  const status = await main(door, parse);
  return { status, stdout: memory.stdout, stderr: memory.stderr, files: Object.fromEntries(memory.files) };
}

const time = "2026-02-28T23:59:59.007Z";
const record = (msg: string, facts: object = { code: "usage", op: "command line" }) =>
  `${JSON.stringify({ level: "error", msg, time, ...facts })}\n`;

for (const [front, parse] of Object.entries(fronts)) {
  const call = (...argv: readonly string[]) => run(parse, { argv });

  test(`${front}: success leaves no word on stderr and an empty log`, async () => {
    const ending = await call("--log", "/l", "--log-format", "json", "features");
    assert.deepEqual({ ...ending, stdout: "" }, { status: 0, stdout: "", stderr: "", files: { "/l": "" } });
    assert.equal((JSON.parse(ending.stdout) as { ociVersionMin: string }).ociVersionMin, "1.0.0");
  });

  test(`${front}: the version has the lines that callers read`, async () => {
    const { status, stdout } = await call("--version");
    assert.equal(status, 0);
    assert.match(stdout, /^tsrun version \d+\.\d+\.\d+\ncommit: .*\nspec: 1\.3\.0\nlibseccomp: 2\.5\.4\n$/);
    assert.equal((await call("-v")).stdout, stdout);
  });

  test(`${front}: no words at all, -h, --help and help print the same help`, async () => {
    const { status, stdout } = await call();
    assert.equal(status, 0);
    for (const line of [["-h"], ["--help"], ["help"], ["--help", "nonsense"]]) {
      assert.deepEqual(await call(...line), { status: 0, stdout, stderr: "", files: {} });
    }
  });

  test(`${front}: help of a verb is the same in its three spellings`, async () => {
    const { status, stdout } = await call("help", "kill");
    assert.equal(status, 0);
    assert.match(stdout, /^NAME:\n {3}tsrun kill - /);
    assert.equal((await call("kill", "--help")).stdout, stdout);
    assert.equal((await call("kill", "-h")).stdout, stdout);
  });

  test(`${front}: help on an unknown topic is an error`, async () => {
    assert.deepEqual(await call("help", "foo"), {
      status: 1,
      stdout: "",
      stderr: "No help topic for 'foo'\n",
      files: {},
    });
  });

  test(`${front}: a mistake before the log's name is still in the log`, async () => {
    const { status, stderr, files } = await call("--bogus", "--log-format=json", "--log=/l", "create");
    assert.deepEqual([status, stderr], [1, 'unknown flag "--bogus"\n']);
    assert.equal(files["/l"], record('unknown flag "--bogus"'));
  });

  test(`${front}: a second call appends its own record`, async () => {
    const { door, memory } = memoryDoor({ argv: ["--log=/l", "--log-format=json", "nonsense"] });
    await main(door, parse);
    await main(door, parse);
    assert.equal(memory.files.get("/l"), record('unknown command "nonsense"').repeat(2));
  });

  test(`${front}: an unknown log format is refused, in text`, async () => {
    const sentence = 'invalid log-format: "xml", expected text or json';
    const { status, stderr, files } = await call("--log=/l", "--log-format=xml", "list");
    assert.deepEqual([status, stderr], [1, `${sentence}\n`]);
    assert.equal(files["/l"], `time="${time}" level=error msg=${JSON.stringify(sentence)}\n`);
  });

  test(`${front}: a log that cannot be opened ends the call`, async () => {
    const { status, stderr } = await call("--log=/missing/l", "features");
    assert.deepEqual([status, stderr], [1, "open /missing/l: no such file or directory\n"]);
  });

  test(`${front}: the form of an id is checked before the verb begins`, async () => {
    for (const verb of ["create", "start", "state", "kill", "delete", "run", "plan"]) {
      const { status, stderr } = await call(verb, "a/b");
      assert.deepEqual([status, stderr], [1, 'invalid container ID format: "a/b"\n']);
    }
  });

  test(`${front}: a library of another version is refused by a sentence that names both`, async () => {
    const { status, stderr } = await run(parse, { argv: ["list"], doorVersion: 7, library: "9.9.9" });
    assert.equal(status, 1);
    assert.match(stderr, /^library 9\.9\.9 speaks version 7 of the door, tsrun \d+\.\d+\.\d+ speaks version 1\n$/);
  });

  test(`${front}: a fault of the program itself is one line, too`, async () => {
    const print: Door["print"] = (descriptor) => {
      if (descriptor === 1) throw new RangeError("out\nof range");
    };
    const { door, memory } = memoryDoor({ argv: ["--log=/l", "--log-format=json", "features"] }, { print });
    assert.equal(await main(door, parse), 1);
    assert.equal(memory.files.get("/l"), record("internal error: out\nof range", { code: "internal" }));
  });

  test(`${front}: a door that cannot even print rejects with the first failure`, async () => {
    const broken = () => {
      throw new Error("broken door");
    };
    await assert.rejects(run(parse, { argv: ["nonsense"] }, { print: broken }), {
      message: 'unknown command "nonsense"',
    });
  });

  test(`${front}: spec writes a template into the bundle and never over a file`, async () => {
    const facts: Door["facts"] = () => ({
      cgroup: { hierarchies: [] },
    });
    const { door, memory } = memoryDoor({ argv: ["spec", "--bundle", "/b"] }, { facts });
    assert.equal(await main(door, parse), 0);
    const text = memory.files.get("/b/config.json") ?? "";
    assert.ok(text.startsWith('{\n\t"ociVersion": "1.3.0",\n'));
    assert.equal(await main(door, parse), 1);
    assert.deepEqual([memory.stdout, memory.stderr], ["", "file config.json exists. Remove it first\n"]);
    assert.equal(memory.files.get("/b/config.json"), text);
  });
}
