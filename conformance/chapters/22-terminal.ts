import { existsSync } from "node:fs";
import { join } from "node:path";
import { processFile } from "./21-exec-failures.js";
import { type Chapter, check } from "../chapter.js";
import type { Container } from "../container.js";
import { equal, holds, matches } from "../expect.js";
import { eventually } from "../host.js";

/** `exec --tty` of a line of shell. */
const shell = (container: Container, script: string): string[] => [
  ...container.command("exec", ["--tty"]),
  ...["sh", "-c", script],
];

export const terminal: Chapter = {
  name: "terminal",
  title: "Terminals",
  about: "a program on a terminal is used as if it ran on the caller's own, which comes back as it was",
  checks: [
    check("exec", "exec --tty gives the program a terminal of the container's, as large as the caller's", async (t) => {
      const script = "test -t 0 && test -t 1 && test -t 2 && test -c $(readlink /proc/self/fd/0) && stty size";
      equal("written", await t.atTerminal(shell(await t.running(), script)), "33 77\n\n[0, as before]");
    }),

    check("run", "so does run with process.terminal", async (t) => {
      const container = t.container(["sh", "-c", "test -t 0 && stty size; exit 5"], (c) => (c.process.terminal = true));
      equal("written", await t.atTerminal(container.command("run")), "33 77\n\n[5, as before]");
    }),

    check("controlling", "it is the controlling terminal of the program's session", async (t) => {
      equal("written", await t.atTerminal(shell(await t.running(), "echo here > /dev/tty")), "here\n\n[0, as before]");
    }),

    check("keys", "what is typed arrives, and is echoed once", async (t) => {
      const said = await t.atTerminal(shell(await t.running(), 'echo "name?"; read x; echo "got $x"'), "abc\\n");
      equal("written", said, "name?\nabc\ngot abc\n\n[0, as before]");
    }),

    check("interrupt", "Ctrl-C interrupts the program, not the runtime", async (t) => {
      const script = 'trap "echo caught; exit 4" INT; echo "ready?"; while :; do sleep 0.05; done';
      matches("written", await t.atTerminal(shell(await t.running(), script), "\\x03"), /caught\n\n\[4, as before\]$/);
    }),

    check("resize", "the terminal follows when the caller's changes its size", async (t) => {
      const script = 'trap "stty size; exit 6" WINCH; echo "ready?"; while :; do sleep 0.05; done';
      matches("written", await t.atTerminal(shell(await t.running(), script), "\\r"), /34 78\n\n\[6, as before\]$/);
    }),

    check("killed", "the caller's terminal is as before also when the program is killed", async (t) => {
      equal("written", await t.atTerminal(shell(await t.running(), "kill -KILL $$")), "[137, as before]");
    }),

    check("missing", "and when there is no program", async (t) => {
      const container = await t.running();
      const said = await t.atTerminal([...container.command("exec", ["--tty"]), "no-such-program"]);
      matches("written", said, /not found in \$PATH[^]*, as before\]$/);
    }),

    check("last", "nothing of what the program writes last is lost", async (t) => {
      const said = await t.atTerminal(shell(await t.running(), "seq 1 60000; printf end"));
      matches("end", said, /\n59999\n60000\nend\n\[0, as before\]$/);
      equal("lines", said.split("\n").length, 60_002);
    }),

    check("away", "a program that lets go of its terminal goes on without it", async (t) => {
      const script = "exec <&- >&- 2>&-; sleep 0.3; exit 9";
      equal("written", await t.atTerminal(shell(await t.running(), script)), "[9, as before]");
    }),

    check("left-open", "a program in the background that keeps the terminal does not keep the caller", async (t) => {
      const script = "sh -c 'trap \"\" HUP; while :; do echo more; done' & echo begun";
      matches("written", await t.atTerminal(shell(await t.running(), script)), /^[^]*\[0, as before\]$/);
    }),

    check("socket", "detached, its other end goes to a socket, whose owner may accept later", async (t) => {
      const container = await t.running();
      const socket = join(t.directory, "tty");
      const file = processFile(container, {
        args: ["sh", "-c", "test -t 0 && stty size"],
        terminal: true,
        consoleSize: { height: 20, width: 50 },
      });
      const call = container.command("exec", ["--detach", "--process", file, "--console-socket", socket]);
      equal("written", await t.around("console", socket, ...call, "--", "true"), "20 50");
    }),

    check("socket-missing", "a socket that is not there fails the call, and the program goes", async (t) => {
      const container = await t.running();
      for (const path of [join(t.directory, "no-socket"), t.file("plain", "")]) {
        const flags = ["--detach", "--tty", "--console-socket", path];
        await container.refused("exec", { flags }, ["sleep", "778"]);
      }
      const gone = () => !t.outside("ps", "-eo", "args").includes("sleep 778");
      holds("the program is gone", await eventually(gone));
      holds("the file is still there", existsSync(join(t.directory, "plain")));
    }),

    check("socket-needed", "a terminal without anybody at its other end is refused", async (t) => {
      const answer = await (await t.running()).refused("exec", { flags: ["--detach", "--tty"] }, ["true"]);
      matches("words", answer.stderr, /cannot allocate tty if \S+ will detach without setting console socket/);
    }),

    check("socket-unused", "so is a socket for a terminal that there is not", async (t) => {
      const container = await t.running();
      const flags = ["--detach", "--console-socket", join(t.directory, "tty")];
      const answer = await container.refused("exec", { flags }, ["true"]);
      matches("words", answer.stderr, /cannot use console socket if \S+ will not detach or allocate tty/);
    }),
  ],
};
