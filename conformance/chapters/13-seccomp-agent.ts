import { join } from "node:path";
import { type Chapter, check } from "../chapter.js";
import type { Config, Seccomp } from "../config.js";
import { differs, equal, holds, lacks, matches, present } from "../expect.js";
import { exists } from "../host.js";
import { invoke } from "../invoke.js";
import type { Trial } from "../trial.js";

const getpriority = "140";
const answer = 42;

/** A profile that hands these calls to an agent. */
function handsOver(t: Trial, names: readonly string[], rest: Partial<Seccomp> = {}): (config: Config) => void {
  return (c) => {
    c.linux.seccomp = {
      defaultAction: "SCMP_ACT_ALLOW",
      architectures: ["SCMP_ARCH_X86_64"],
      listenerPath: join(t.directory, "agent.sock"),
      syscalls: [{ names: [...names], action: "SCMP_ACT_NOTIFY" }],
      ...rest,
    };
  };
}

interface Heard {
  /** What the program printed. */
  readonly output: string;
  readonly descriptors: number;
  readonly message: Record<string, unknown>;
}

/** Runs (or creates) a container beside an agent, which refuses getpriority. */
async function heard(
  t: Trial,
  args: readonly string[],
  edit: (config: Config) => void,
  verb: "create" | "run" = "run",
): Promise<Heard> {
  const container = t.container(args, edit);
  const words = ["agent", join(t.directory, "agent.sock"), getpriority, String(answer), ...container.command(verb)];
  const { status, stdout, stderr } = await invoke([t.probe, ...words], t.directory);
  equal("exit status, and what was said", [status, stderr.trim()], [0, ""]);
  const lines = stdout.trim().split("\n");
  const told = lines.filter((line) => line.startsWith("agent "));
  equal("messages to the agent", told.length, 1);
  const [, count = "", text = ""] = present("message", /^agent (\d+) (.*)$/.exec(told[0] ?? ""));
  return {
    output: lines.filter((line) => !line.startsWith("agent ")).join("\n"),
    descriptors: Number(count),
    message: JSON.parse(text) as Record<string, unknown>,
  };
}

export const agent: Chapter = {
  name: "seccomp-agent",
  title: "System calls for an agent",
  about: "a profile can hand system calls to a program outside, which answers in the kernel's place",
  checks: [
    check("answer", "the agent's answer is the answer to the call", async (t) => {
      const { output } = await heard(t, ["probe", "call", getpriority], handsOver(t, ["getpriority"]));
      equal("the call", output, `errno ${answer}`);
    }),

    check("without-nnp", "also without noNewPrivileges, for an ordinary user", async (t) => {
      const { output } = await heard(t, ["probe", "call", getpriority], (c) => {
        handsOver(t, ["getpriority"])(c);
        c.process.noNewPrivileges = false;
        c.process.user = { uid: 1000, gid: 1000 };
      });
      equal("the call", output, `errno ${answer}`);
    }),

    check("message", "it is told once of which process and which container, with one descriptor", async (t) => {
      const told = await heard(t, ["sh", "-c", "probe call 140; cat /proc/self/status | grep NSpid"], (c) => {
        handsOver(t, ["getpriority"], { listenerMetadata: "any=thing" })(c);
        c.annotations = { "org.example.key": "value" };
      });
      equal("descriptors", told.descriptors, 1);
      const { ociVersion, pid, state, fds, metadata } = told.message;
      matches("version of the specification", String(ociVersion), /^1\.\d+\.\d+/);
      equal("names of descriptors, metadata", [fds, metadata], [["seccompFd"], "any=thing"]);
      holds("pid", Number(pid) > 1, pid);
      const { id, bundle, ...known } = state as Record<string, unknown>;
      matches("id", String(id), new RegExp(`^${t.token}`));
      holds("bundle", String(bundle).startsWith(t.directory), bundle);
      equal("annotations", known["annotations"], { "org.example.key": "value" });
      equal("state", [known["status"], known["pid"]], ["creating", pid]);
    }),

    check("no-metadata", "without metadata nothing is said of it", async (t) => {
      const { message } = await heard(t, ["probe", "call", getpriority], handsOver(t, ["getpriority"]));
      holds("metadata is absent or empty", (message["metadata"] ?? "") === "", message);
    }),

    check("own-calls", "calls that the runtime itself makes meanwhile wait for the agent and go on", async (t) => {
      const names =
        "getpriority read sendmsg sendto recvfrom accept4 close close_range fcntl execve prctl capset setresuid".split(
          " ",
        );
      const { output } = await heard(t, ["probe", "call", getpriority], handsOver(t, names));
      equal("the call", output, `errno ${answer}`);
    }),

    check("create", "it is told while the container is created, before it is started", async (t) => {
      const { message } = await heard(t, ["true"], handsOver(t, ["getpriority"]), "create");
      holds("pid", Number(message["pid"]) > 1, message);
    }),

    check("exec", "a process that is added later is filtered too, and the agent is told of it", async (t) => {
      const container = t.container(["sleep", "1000"], handsOver(t, ["getpriority"]));
      const script = [
        container.command("create").join(" "),
        container.command("start").join(" "),
        `${container.command("exec").join(" ")} /bin/probe call ${getpriority}`,
      ].join(" && ");
      const words = ["agent", join(t.directory, "agent.sock"), getpriority, String(answer), "sh", "-c", script];
      const { status, stdout, stderr } = await invoke([t.probe, ...words], t.directory);
      equal("exit status, and what was said", [status, stderr.trim()], [0, ""]);
      const lines = stdout.trim().split("\n");
      const told = lines
        .filter((line) => line.startsWith("agent 1 "))
        .map((line) => JSON.parse(line.slice("agent 1 ".length)) as { pid: number; state: Record<string, unknown> });
      equal("messages", told.length, 2);
      const [first, second] = told;
      differs("pid of the second process", second?.pid, first?.pid);
      equal("the container's first process", second?.state["pid"], first?.pid);
      equal("status", [first?.state["status"], second?.state["status"]], ["creating", "running"]);
      equal(
        "the call",
        lines.filter((line) => !line.startsWith("agent")),
        [`errno ${answer}`],
      );
    }),

    check("descriptors", "the program gets none of the descriptors that this takes", async (t) => {
      const { output } = await heard(t, ["probe", "fds"], handsOver(t, ["getpriority"]));
      equal("descriptors", output.trim(), "0 1 2");
    }),

    check("argument", "a rule for the agent can look at arguments", async (t) => {
      const edit = handsOver(t, [], {
        syscalls: [
          { names: ["getpriority"], action: "SCMP_ACT_NOTIFY", args: [{ index: 0, value: 1, op: "SCMP_CMP_EQ" }] },
        ],
      });
      const { output } = await heard(t, ["sh", "-c", "probe call 140 0; probe call 140 1"], edit);
      equal("calls", output.split("\n"), ["ok 0", `errno ${answer}`]);
    }),

    check("killable", "a process that waits for the agent can be told to die only by a fatal signal", async (t) => {
      const edit = handsOver(t, ["getpriority"], { flags: ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"] });
      const { output } = await heard(t, ["probe", "call", getpriority], edit);
      equal("the call", output, `errno ${answer}`);
    }),

    check("no-path", "a profile with such calls must say where the agent is", async (t) => {
      await t.refuses((c) => {
        handsOver(t, ["getpriority"])(c);
        delete c.linux.seccomp?.listenerPath;
      }, /listenerPath/);
    }),

    check("no-agent", "where nobody listens there is no container", async (t) => {
      await t.refuses(handsOver(t, ["getpriority"]), /failed to connect with seccomp agent/);
    }),

    check("unused", "a path is not looked at when no call is handed over", async (t) => {
      const edit = handsOver(t, [], { syscalls: [{ names: ["getpriority"], action: "SCMP_ACT_ERRNO" }] });
      equal("the call", await t.inside(["probe", "call", getpriority], edit), "errno 1");
      holds("nothing is made there", !exists(join(t.directory, "agent.sock")));
    }),

    check("default", "the agent cannot be asked about every call", async (t) => {
      await t.refuses(
        handsOver(t, [], { defaultAction: "SCMP_ACT_NOTIFY", syscalls: [] }),
        /SCMP_ACT_NOTIFY.*cannot be used as default action/,
      );
    }),

    check("write", "nor about write, by which the runtime says that there is something to ask", async (t) => {
      await t.refuses(handsOver(t, ["write"]), /SCMP_ACT_NOTIFY cannot be used for the write syscall/);
    }),

    check("metadata-alone", "metadata without a path is refused", async (t) => {
      const control = await t.shell("echo fine");
      lacks("control", control, "error");
      await t.refuses((c) => {
        handsOver(t, [], { syscalls: [], listenerMetadata: "for nobody" })(c);
        delete c.linux.seccomp?.listenerPath;
      });
    }),
  ],
};
