// The command line as callers meet it, on both fronts; nothing here needs a container or a privilege.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { constants, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fronts, mustRun } from "../black-box/runtime.js";

const directory = mkdtempSync(join(tmpdir(), "tsrun-cli-"));
after(() => {
  rmSync(directory, { recursive: true });
});

interface Ending {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Timings {
  readonly version: number;
  readonly verb: string;
  readonly status: number;
  readonly microseconds: Readonly<Record<string, number>>;
}

/** Runs a command of the shell in the test's directory; `$tsrun` is the front. */
function shell(path: string, script: string, ...args: readonly string[]): Ending {
  const { status, stdout, stderr } = spawnSync("sh", ["-c", script, "sh", ...args], {
    cwd: directory,
    encoding: "utf8",
    env: { PATH: process.env["PATH"] ?? "", tsrun: path, XDG_RUNTIME_DIR: "" },
  });
  return { status, stdout, stderr };
}

const call = (path: string, words: readonly string[]) => shell(path, 'exec "$tsrun" "$@"', ...words);

/** A command line, the beginning of what it prints, its one line on stderr, if any. */
const commands: readonly (readonly [words: readonly string[], stdout: string, stderr?: string])[] = [
  [["--version"], "tsrun version "],
  [["-v"], "tsrun version "],
  [["-version", "--", "x"], "tsrun version "],
  [[], "NAME:\n   tsrun - "],
  [["-h"], "NAME:\n   tsrun - "],
  [["help"], "NAME:\n   tsrun - "],
  [["help", "create"], "NAME:\n   tsrun create - "],
  [["create", "--help"], "NAME:\n   tsrun create - "],
  [["kill", "-h"], "NAME:\n   tsrun kill - "],
  [["features"], '{\n  "ociVersionMin": "1.0.0",\n'],
  [
    ["--root", "r", "--root=s", "--debug=false", "-systemd-cgroup", "--criu", "x", "--log-level=error", "features"],
    "{\n",
  ],
  [["--cgroup-manager", "disabled", "--rootless=true", "features"], "{\n"],
  [["help", "foo"], "", "No help topic for 'foo'"],
  [["foo"], "", 'unknown command "foo"'],
  [[""], "", 'unknown command ""'],
  [["--foo", "features"], "", 'unknown flag "--foo"'],
  [["features", "--foo"], "", 'unknown flag "--foo" of "features"'],
  [
    ["features", "x"],
    "Incorrect Usage.\n\nNAME:\n   tsrun features - ",
    '"features" requires exactly 0 argument(s), found 1',
  ],
  [["start"], "Incorrect Usage.\n\nNAME:\n   tsrun start - ", '"start" requires exactly 1 argument(s), found 0'],
  [["starr", "c"], "", 'unknown command "starr", did you mean "start"?'],
  [["list", "--quite"], "", 'unknown flag "--quite" of "list", did you mean "--quiet"?'],
  [["checkpoint", "--help"], "NAME:\n   tsrun checkpoint - "],
  [["restore", "--help"], "NAME:\n   tsrun restore - "],
  [
    ["checkpoint", "--image-path", "i", "--leave-running", "c"],
    "",
    "checkpoint is not built yet: tsrun cannot save a container",
  ],
  [
    ["restore", "--detach", "-no-subreaper", "--bundle", "b", "c"],
    "",
    "restore is not built yet: tsrun cannot bring back a saved container",
  ],
  [["restore", "--lsm-mount-context"], "", "flag needs an argument: --lsm-mount-context"],
  [
    ["--log=journald:x", "--log-format=json", "foo"],
    "",
    "connect to /run/systemd/journal/socket: no such file or directory",
  ],
  [["--log=file:/missing/log", "features"], "", "open /missing/log: no such file or directory"],
  [["delete", "--regex", "("], "", 'invalid value of --regex: expected a regular expression, found "("'],
  [["create", "c", "--bundle"], "", "flag needs an argument: --bundle"],
  [
    ["create", "--preserve-fds", "-1", "c"],
    "",
    'invalid value of --preserve-fds: expected a whole number from 0 to 2147483645, found "-1"',
  ],
  [["list", "-f", "xml"], "", 'invalid value of --format: expected table or json, found "xml"'],
  [["--log-format", "xml", "features"], "", 'invalid log-format: "xml", expected text or json'],
  [
    ["--rootless=perhaps", "features"],
    "",
    'invalid value of --rootless: expected true, false or auto, found "perhaps"',
  ],
  [["--root", "/", "features"], "", "invalid value of --root: expected a directory of its own, found /"],
  [["state", "a/b"], "", 'invalid container ID format: "a/b"'],
  [["state", ".."], "", 'invalid container ID format: ".."'],
  [["delete", "--force", ""], "", 'invalid container ID format: ""'],
  [["kill", "a\nb", "-9"], "", 'invalid container ID format: "a\\nb"'],
  [["create", "x".repeat(300)], "", `invalid container ID format: "${"x".repeat(300)}"`],
  [["--log=/missing/log", "features"], "", "open /missing/log: no such file or directory"],
];

for (const { name, path } of fronts()) {
  const options = { skip: mustRun(existsSync(path) ? false : `${path} is not built`) };

  for (const [words, stdout, stderr] of commands) {
    test(
      `${name}: [${words.join(" ").slice(0, 60)}] ${stderr === undefined ? "prints" : "is refused"}`,
      options,
      () => {
        const ending = call(path, words);
        assert.equal(ending.stderr, stderr === undefined ? "" : `${stderr}\n`);
        assert.ok(ending.stdout.startsWith(stdout), ending.stdout);
        assert.equal(ending.status, stderr === undefined ? 0 : 1);
        if (stdout === "") assert.equal(ending.stdout, "");
      },
    );
  }

  test(`${name}: each failing call appends one JSON record to the log`, options, () => {
    const log = join(directory, `${name}.log`);
    const before = Date.now();
    for (const verb of ["foo", "bar"]) call(path, ["--log", log, "--log-format=json", verb]);
    call(path, ["--log", log, "--log-format=json", "features"]);
    const lines = readFileSync(log, "utf8").trimEnd().split("\n");
    const records = lines.map((line) => JSON.parse(line) as { level: string; msg: string; time: string });
    assert.deepEqual(
      records.map(({ level, msg }) => [level, msg]),
      [
        ["error", 'unknown command "foo"'],
        ["error", 'unknown command "bar"'],
      ],
    );
    for (const { time } of records) {
      assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      assert.ok(Date.parse(time) >= before - 1 && Date.parse(time) <= Date.now() + 1, time);
    }
  });

  test(`${name}: without a log file JSON goes to stderr`, options, () => {
    const { stderr } = call(path, ["--log-format=json", "foo"]);
    assert.deepEqual(Object.keys(JSON.parse(stderr) as object), ["level", "msg", "time", "code", "op"]);
  });

  test(`${name}: --debug adds records of what was done, and the error stays the last and only one`, options, () => {
    const log = join(directory, `${name}-debug.log`);
    const { stderr } = call(path, ["--log", log, "--log-format=json", "--debug", "state", "nobody"]);
    assert.equal(stderr, "container does not exist\n");
    const records = readFileSync(log, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { level: string; msg: string });
    assert.ok(records.length > 2, JSON.stringify(records));
    assert.deepEqual(
      records.filter(({ level }) => level !== "debug"),
      records.slice(-1),
    );
    assert.match(records[0]?.msg ?? "", /^arguments: .*"nobody"/);
  });

  test(`${name}: timings are one line of JSON, on stderr or added to a file`, options, () => {
    const file = join(directory, `${name}-timings.json`);
    const printed = call(path, ["--timings", "list"]).stderr;
    for (const verb of ["list", "features"]) shell(path, `TSRUN_TIMINGS="${file}" exec "$tsrun" ${verb}`);
    const lines = [printed.trimEnd(), ...readFileSync(file, "utf8").trimEnd().split("\n")];
    const told = lines.map((line) => JSON.parse(line) as Timings);
    assert.deepEqual(
      told.map(({ version, verb, status }) => [version, verb, status]),
      [
        [1, "list", 0],
        [1, "list", 0],
        [1, "features", 0],
      ],
    );
    for (const { microseconds } of told) {
      const { total = 0, ...phases } = microseconds;
      assert.ok("engine" in phases && "command" in phases && "core" in phases);
      const sum = Object.values(phases).reduce((one, other) => one + other, 0);
      assert.ok(total >= 0 && sum <= total, JSON.stringify(microseconds));
    }
  });

  test(`${name}: doctor tells by its status whether containers can run, and why not`, options, () => {
    const { status, stdout, stderr } = call(path, ["doctor", "--json"]);
    assert.equal(stderr, "");
    const report = JSON.parse(stdout) as {
      healthy: boolean;
      findings: { name: string; ok: boolean; needed: boolean }[];
    };
    const missing = report.findings.filter(({ ok, needed }) => needed && !ok);
    assert.deepEqual([report.healthy, status], [missing.length === 0, missing.length === 0 ? 0 : 1]);
    const names = report.findings.map(({ name: one }) => one);
    for (const one of ["openat2", "pid", "memory", "seccomp", "capabilities", "/run"])
      assert.ok(names.includes(one), one);
    const lines = call(path, ["doctor"]).stdout;
    assert.match(lines, report.healthy ? /containers can run here\n$/ : /containers cannot run here\n$/);
  });

  test(`${name}: the default root follows the name of runc and crun`, options, () => {
    const script = `mkdir -p "$1/links" "$1/xdg/crun/one" && ln -sf "$tsrun" "$1/links/crun" && ln -sf "$tsrun" "$1/links/runc"
      echo '{"version":1,"id":"one","cgroups":[],"freezer":"","annotations":{},"hooks":{}}' >"$1/xdg/crun/one/state.json"
      export XDG_RUNTIME_DIR="$1/xdg"; "$1/links/crun" list -q; "$1/links/runc" --root "$1/xdg/crun" list -q`;
    assert.equal(shell(path, script, join(directory, name)).stdout, "one\none\n");
  });

  for (const closed of ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", "1</dev/null", "2</dev/null"]) {
    test(`${name}: descriptors redirected as ${closed} do no harm`, options, () => {
      const log = join(directory, "redirected.log");
      rmSync(log, { force: true });
      assert.equal(shell(path, `exec "$tsrun" --log "${log}" features ${closed}`).status, 0);
      assert.equal(shell(path, `exec "$tsrun" --log "${log}" --log-format json foo ${closed}`).status, 1);
      assert.equal(readFileSync(log, "utf8").split("\n").length, 2);
    });
  }

  test(`${name}: a full disk behind stdout is an error`, options, () => {
    const { status, stderr } = shell(path, 'exec "$tsrun" features >/dev/full');
    assert.equal(status, 1);
    assert.match(stderr, /^[^\n]*no space left on device\n$/);
  });

  test(`${name}: no message survives a full disk behind stderr, the status does`, options, () => {
    assert.equal(shell(path, 'exec "$tsrun" foo 2>/dev/full').status, 1);
  });

  test(`${name}: a pipe that others share stays a blocking one`, options, () => {
    // The pipe is full: the program waits in its write while the flags of the shared description are looked at.
    const script = `mkfifo "$1"; exec 3<>"$1"; head -c 65536 /dev/zero >&3; "$tsrun" features >&3 2>&3 & sleep 1
      kill -KILL $! && grep flags /proc/$$/fdinfo/3; wait`;
    const { stdout } = shell(path, script, join(directory, `${name}.pipe`));
    const flags = /^flags:\t(0\d+)$/m.exec(stdout)?.[1];
    assert.ok(flags !== undefined, `the program did not wait: ${stdout}`);
    assert.equal(Number.parseInt(flags, 8) & constants.O_NONBLOCK, 0);
  });

  for (const stream of ["2>&1 >&3 3>&-", "2>&3 3>&-"]) {
    test(`${name}: a reader of ${stream} that has gone does not kill the program`, options, () => {
      // The reader ends at once; the program writes long after.
      const script = `exec 3>/dev/null; { sleep 0.2; "$tsrun" $1 ${stream}; echo $? >status; } | true; cat status`;
      assert.equal(shell(path, script, "features").stdout, "0\n");
      assert.equal(shell(path, script, "foo").stdout, "1\n");
    });
  }

  test(`${name}: spec writes a tab-indented config.json once`, options, () => {
    const bundle = join(directory, `${name}-bundle`);
    const made = shell(path, 'umask 027; mkdir "$1" && cd "$1" && "$tsrun" spec && stat -c %a config.json', bundle);
    assert.deepEqual(made, { status: 0, stdout: "640\n", stderr: "" });
    const text = readFileSync(join(bundle, "config.json"), "utf8");
    const config = JSON.parse(text) as { ociVersion: string; process: { args: string[] } };
    assert.deepEqual([config.ociVersion, config.process.args], ["1.3.0", ["sh"]]);
    assert.equal(text, `${JSON.stringify(config, null, "\t")}\n`);
    const again = call(path, ["spec", "--bundle", bundle]);
    assert.deepEqual(again, { status: 1, stdout: "", stderr: "file config.json exists. Remove it first\n" });
    assert.equal(readFileSync(join(bundle, "config.json"), "utf8"), text);
  });

  test(`${name}: spec --rootless asks for a user namespace`, options, () => {
    const bundle = join(directory, `${name}-rootless`);
    assert.equal(shell(path, 'mkdir "$1" && exec "$tsrun" spec -b "$1" --rootless', bundle).status, 0);
    const config = JSON.parse(readFileSync(join(bundle, "config.json"), "utf8")) as {
      linux: { namespaces: { type: string }[]; uidMappings: { hostID: number }[] };
    };
    assert.ok(config.linux.namespaces.some(({ type }) => type === "user"));
    assert.equal(config.linux.uidMappings[0]?.hostID, process.geteuid?.());
  });
}

const [one, other] = fronts();
const built = one !== undefined && other !== undefined && existsSync(one.path) && existsSync(other.path);

test("both fronts print the same for every command", { skip: mustRun(built ? false : "needs both fronts") }, () => {
  if (one === undefined || other === undefined) return;
  for (const [words] of commands) assert.deepEqual(call(other.path, words), call(one.path, words), words.join(" "));
});
