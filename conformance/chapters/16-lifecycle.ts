import { rmSync } from "node:fs";
import { join } from "node:path";
import { type Chapter, check } from "../chapter.js";
import type { Config } from "../config.js";
import { invoke } from "../invoke.js";
import { equal, holds, lacks, matches } from "../expect.js";
import { exists, isAlive, pause, readText } from "../host.js";

export const lifecycle: Chapter = {
  name: "lifecycle",
  title: "Life of a container",
  about: "create prepares, start begins, kill sends a signal, delete removes; state tells where it stands",
  checks: [
    check("states", "created, then running, then stopped, then gone", async (t) => {
      const container = t.container(["sleep", "1000"]);
      await container.must("create");
      await container.status("created");
      const pid = await container.pid();
      await container.must("start");
      equal("the process stays the same", (await container.status("running")).pid, pid);
      await container.kill("KILL");
      await container.ended(pid);
      await container.status("stopped");
      await container.must("delete");
      await container.refused("state");
      await t.leavesNothing();
    }),

    check("waits", "the program does not begin before start", async (t) => {
      const container = t.container(["sh", "-c", "echo begun; sleep 1000"]);
      await container.must("create");
      await pause(200);
      equal("output before start", container.output(), "");
      await container.must("start");
      await container.says("begun");
    }),

    check("state-keys", "state is JSON with the keys of the specification", async (t) => {
      const container = await t.running((c) => (c.annotations = { "org.example.colour": "blue" }));
      const state = await container.state();
      equal("id", state.id, container.id);
      equal("bundle", state.bundle, container.bundle);
      equal("annotations", state["annotations"], { "org.example.colour": "blue" });
      matches("ociVersion", state.ociVersion, /^1\.\d+\.\d+/);
      holds("the process runs", isAlive(await container.pid()));
    }),

    check("state-stopped", "state of a stopped container names no process, or a process 0", async (t) => {
      const container = await t.running(undefined, ["true"]);
      for (let look = 0; look < 100 && (await container.state()).status !== "stopped"; look++) await pause(10);
      const state = await container.status("stopped");
      holds("pid", (state.pid ?? 0) === 0, state.pid);
    }),

    check("silent", "verbs that succeed say nothing", async (t) => {
      await t.control();
      const container = t.container(["sleep", "1000"]);
      const answers = [await container.must("create"), await container.must("start")];
      answers.push(await container.must("kill", {}, ["KILL"]), await container.must("delete", { flags: ["--force"] }));
      equal("output", answers.map(({ stdout, stderr }) => stdout + stderr).join(""), "");
    }),

    check("kill-term", "kill without a signal asks the program to end (TERM)", async (t) => {
      const script = "trap 'echo asked to end; exit 0' TERM; echo ready; while :; do usleep 20000; done";
      const container = await t.running(undefined, ["sh", "-c", script]);
      await container.says("ready");
      await container.must("kill");
      await container.says("asked to end");
    }),

    check("kill-names", "signals can be named by number, by name, with and without SIG", async (t) => {
      const script = "trap 'echo one' USR1; echo ready; while :; do usleep 20000; done";
      for (const name of ["USR1", "SIGUSR1", "10", "usr1"]) {
        const container = await t.running(undefined, ["sh", "-c", script]);
        await container.says("ready");
        await container.kill(name);
        await container.says("one");
      }
    }),

    check("kill-unknown", "an unknown signal is refused and does nothing", async (t) => {
      const container = await t.running();
      for (const name of ["NONSENSE", "-1", "9999"]) await container.refused("kill", {}, [name]);
      await container.status("running");
    }),

    check("kill-created", "a container that waits for start can be killed", async (t) => {
      const container = t.container(["sleep", "1000"]);
      await container.must("create");
      const pid = await container.pid();
      await container.kill("KILL");
      await container.ended(pid);
      await container.status("stopped");
    }),

    check("kill-stopped", "a stopped container cannot be killed", async (t) => {
      const container = await t.running();
      const pid = await container.pid();
      await container.kill("KILL");
      await container.ended(pid);
      matches(
        "words",
        (await container.refused("kill", {}, ["TERM"])).stderr,
        /not running|already finished|no such process/i,
      );
    }),

    check("start-twice", "a running container cannot be started again, nor a stopped one", async (t) => {
      const container = await t.running();
      const pid = await container.pid();
      await container.refused("start");
      await container.status("running");
      await container.kill("KILL");
      await container.ended(pid);
      await container.refused("start");
    }),

    check("delete-running", "a running container cannot be deleted without force, and goes on", async (t) => {
      const container = await t.running();
      await container.refused("delete");
      await container.status("running");
    }),

    check("delete-created", "a created container is gone after delete --force", async (t) => {
      const container = t.container(["sleep", "1000"]);
      await container.must("create");
      await container.status("created");
      await container.must("delete", { flags: ["--force"] });
      await t.leavesNothing();
    }),

    check("delete-force", "delete --force ends a running container, with all its processes", async (t) => {
      const container = await t.running(undefined, ["sh", "-c", "sleep 1000 & sleep 1000 & sleep 1000"]);
      const pid = await container.pid();
      await container.must("delete", { flags: ["--force"] });
      holds("its process is gone", !isAlive(pid));
      await container.refused("state");
      await t.leavesNothing();
    }),

    check("delete-force-unknown", "delete --force of what does not exist is no error", async (t) => {
      await t.control();
      await t.container(["true"]).must("delete", { flags: ["--force"] });
    }),

    check("unknown", "state, start, kill and delete of an unknown container are refused", async (t) => {
      const container = t.container(["true"]);
      for (const verb of ["state", "start", "kill", "delete"])
        matches(verb, (await container.refused(verb)).stderr, /does not exist|No such file|not found/i);
    }),

    check("id-in-use", "an id can be used once at a time", async (t) => {
      const container = await t.running();
      matches("words", (await container.refused("create")).stderr, /already exist/);
      await container.status("running");
      await container.kill("KILL");
      await container.must("delete", { flags: ["--force"] });
      await container.launch();
      await container.status("running");
    }),

    check("bad-ids", "ids that are paths or empty are refused, and nothing is made", async (t) => {
      const container = t.container(["true"]);
      await t.control();
      for (const id of ["../escape", "a/b", "..", ".", "", "with space", "x".repeat(300)]) {
        const answer = await container.withId(id).call("create");
        holds(`create with the id ${JSON.stringify(id)} must fail`, answer.status !== 0);
      }
      equal("made outside of the state directory", exists(`${t.directory}/escape`), false);
      await t.leavesNothing();
    }),

    check("pid-file", "the pid file holds the process's number and nothing else", async (t) => {
      const container = t.container(["sleep", "1000"]);
      const file = `${container.bundle}/pid`;
      await container.must("create", { flags: ["--pid-file", file] });
      equal("content", readText(file), String(await container.pid()));
    }),

    check("pid-file-failed", "a create that fails leaves no pid file", async (t) => {
      await t.control();
      const container = t.container(["/no/such/program"]);
      await container.refused("create", { flags: ["--pid-file", `${container.bundle}/pid`] });
      equal("pid file", exists(`${container.bundle}/pid`), false);
    }),

    check("run-detached", "run --detach starts it and returns", async (t) => {
      const container = t.container(["sleep", "1000"]);
      await container.must("run", { flags: ["--detach"] });
      await container.status("running");
    }),

    check("run-forwards", "a signal to run reaches the program", async (t) => {
      const script = "trap 'echo asked; exit 5' TERM; echo ready; while :; do usleep 20000; done";
      const container = t.container(["sh", "-c", script]);
      const file = `${container.bundle}/pid`;
      let runner = 0;
      const answer = container.run({ flags: ["--pid-file", file], started: (pid) => (runner = pid) });
      await t.pidIn(file);
      await pause(300);
      process.kill(runner, "SIGTERM");
      const { status, stdout } = await answer;
      equal("output and status", [stdout, status], ["ready\nasked\n", 5]);
    }),

    check("config-kept", "a change of config.json after create changes nothing", async (t) => {
      const container = t.container(["sh", "-c", "echo as created"]);
      await container.must("create");
      container.writeConfig('{"process": "nonsense"}');
      await container.must("start");
      await container.says("as created");
    }),

    check("list", "list knows all containers of this state directory", async (t) => {
      const [one, other] = [await t.running(), await t.running()];
      const { stdout } = await one.listed(["--quiet"]);
      equal("ids", stdout.trim().split("\n").sort(), [one.id, other.id].sort());
      const parsed = JSON.parse((await one.listed(["--format", "json"])).stdout) as { id: string; status: string }[];
      equal(
        "status of each",
        parsed.map(({ status }) => status),
        ["running", "running"],
      );
    }),

    check("spec", "spec writes a configuration that runs, and does not write over one", async (t) => {
      const container = t.container([]);
      const file = join(container.bundle, "config.json");
      rmSync(file);
      const first = await invoke([...t.runtime, "spec", "--bundle", container.bundle], container.bundle);
      equal("exit status and output", [first.status, first.stdout + first.stderr], [0, ""]);
      const config = JSON.parse(readText(file) ?? "") as Config;
      config.process.terminal = false;
      config.process.args = ["echo", "as written"];
      config.linux.cgroupsPath = container.config.linux.cgroupsPath;
      container.writeConfig(JSON.stringify(config));
      const answer = await container.run();
      equal("output", answer.stdout + answer.stderr, "as written\n");
      const second = await invoke([...t.runtime, "spec", "--bundle", container.bundle], container.bundle);
      holds("a second spec must fail", second.status !== 0);
    }),

    check("default-bundle", "without --bundle the current directory is the bundle", async (t) => {
      const container = t.container(["echo", "here"]);
      const answer = await container.run({ cwd: container.bundle, bundle: false });
      equal("output", answer.stdout + answer.stderr, "here\n");
    }),

    check("logs", "with --log-format json a failure is one JSON object in the log file", async (t) => {
      const container = t.container(["/no/such/program"]);
      const log = `${container.bundle}/log.json`;
      await container.withGlobals("--log", log, "--log-format", "json").refused("create");
      const lines = (readText(log) ?? "").trim().split("\n");
      const last = JSON.parse(lines.at(-1) ?? "") as { level: string; msg: string };
      equal("level", last.level, "error");
      matches("message", last.msg, /no such file or directory|executable file not found/i);
      lacks("message", last.msg, "\n");
    }),
  ],
};
