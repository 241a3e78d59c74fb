import { spawn } from "node:child_process";
import { type Chapter, check } from "../chapter.js";
import { type Config, mapRoot, setNamespace, withoutNamespace } from "../config.js";
import type { Container } from "../container.js";
import { differs, equal, holds } from "../expect.js";
import { eventually, namespaceOf } from "../host.js";
import type { Trial } from "../trial.js";

/** Names of namespaces in the configuration, and in /proc/PID/ns. */
const kinds: Record<string, string> = {
  network: "net",
  uts: "uts",
  ipc: "ipc",
  pid: "pid",
  cgroup: "cgroup",
  time: "time",
};

/** Joins one namespace of a running container; what a joined namespace already has is not configured again. */
function join(type: string, pid: number): (config: Config) => void {
  return (config) => {
    setNamespace(config, type, `/proc/${pid}/ns/${kinds[type] ?? type}`);
    if (type === "uts") delete config.hostname;
  };
}

async function joined(
  t: Trial,
  type: string,
  edit: (config: Config) => void = () => undefined,
): Promise<[Container, Container]> {
  const first = await t.running(edit);
  const pid = await first.pid();
  const second = await t.running((c) => {
    edit(c);
    join(type, pid)(c);
  });
  const file = kinds[type] ?? type;
  equal(`${type} namespace`, namespaceOf(await second.pid(), file), namespaceOf(pid, file));
  return [first, second];
}

export const joining: Chapter = {
  name: "joining",
  title: "Joined namespaces",
  about: "containers can share one part of their surroundings: a namespace can be given by its path instead of made",
  checks: [
    check("network", "two containers share a network, and nothing else", async (t) => {
      const [first, second] = await joined(t, "network");
      for (const kind of ["uts", "ipc", "pid", "mnt"])
        differs(kind, namespaceOf(await first.pid(), kind), namespaceOf(await second.pid(), kind));
    }),

    check("network-talk", "what listens in one answers in the other", async (t) => {
      const first = await t.running(undefined, ["sh", "-c", "echo ready; echo hello | nc -l -p 4002"]);
      await first.says("ready");
      const client = "for i in 1 2 3 4 5; do sleep 0.3 | nc 127.0.0.1 4002 2>/dev/null | grep . && break; done";
      equal("answer", await t.shell(client, join("network", await first.pid())), "hello");
    }),

    check("uts", "a shared uts namespace shares the name", async (t) => {
      const first = await t.running((c) => (c.hostname = "shared-name"));
      equal("name", await t.inside(["hostname"], join("uts", await first.pid())), "shared-name");
    }),

    check("ipc", "a shared ipc namespace shares the memory", async (t) => {
      const first = await t.running(undefined, ["sh", "-c", "probe shm make 0x123; echo ready; sleep 1000"]);
      await first.says("ready");
      const said = await t.shell("cat /proc/sysvipc/shm", join("ipc", await first.pid()));
      holds("the segment 291 is seen", /\n +291 /.test(said), said);
    }),

    check("pid", "in a shared pid namespace the second program is not process 1, and sees the first", async (t) => {
      const first = await t.running();
      const said = await t.shell("echo $$; cat /proc/1/cmdline", join("pid", await first.pid()));
      const [number, command] = said.split("\n");
      differs("number of the second program", number, "1");
      equal("command of process 1", command, "sleep\u00001000\u0000");
    }),

    check("cgroup", "a cgroup namespace can be shared", async (t) => {
      await joined(t, "cgroup", (c) => {
        setNamespace(c, "cgroup");
      });
    }),

    check("time", "a time namespace can be shared", async (t) => {
      await joined(t, "time", (c) => {
        setNamespace(c, "time");
      });
    }),

    check("user", "a user namespace can be shared, and its mappings with it", async (t) => {
      const first = await t.running((c) => {
        mapRoot(c, 100_000);
      });
      const pid = await first.pid();
      const said = await t.shell("readlink /proc/self/ns/user; cat /proc/self/uid_map; id -u", (c) => {
        setNamespace(c, "user", `/proc/${pid}/ns/user`);
      });
      const [name, map = "", user] = said.split("\n");
      equal("namespace", name, namespaceOf(pid, "user"));
      equal("mapping", map.trim().split(/\s+/), ["0", "100000", "65536"]);
      equal("user", user, "0");
    }),

    check(
      "user-and-others",
      "together with others of the same container, and with its mappings repeated",
      async (t) => {
        const first = await t.running((c) => {
          mapRoot(c, 100_000);
        });
        const pid = await first.pid();
        const said = await t.shell("for n in user net ipc uts; do readlink /proc/self/ns/$n; done", (c) => {
          for (const type of ["network", "ipc", "uts"]) join(type, pid)(c);
          mapRoot(c, 100_000);
          setNamespace(c, "user", `/proc/${pid}/ns/user`);
        });
        const expected = ["user", "net", "ipc", "uts"].map((kind) => namespaceOf(pid, kind));
        equal("namespaces", said.split("\n"), expected);
      },
    ),

    check("mount", "a mount namespace made by somebody else can be used", async (t) => {
      const holder = spawn("unshare", ["--mount", "--propagation", "private", "sleep", "1000"], { stdio: "ignore" });
      t.afterwards(() => holder.kill("SIGKILL"));
      const pid = holder.pid ?? 0;
      await eventually(() => namespaceOf(pid, "mnt") !== namespaceOf("self", "mnt"));
      const container = await t.running((c) => {
        setNamespace(c, "mount", `/proc/${pid}/ns/mnt`);
      });
      equal("mount namespace", namespaceOf(await container.pid(), "mnt"), namespaceOf(pid, "mnt"));
    }),

    check("wrong-type", "a path that leads to a namespace of another type is refused", async (t) => {
      await t.refuses((c) => {
        setNamespace(c, "network", "/proc/self/ns/ipc");
      });
    }),

    check("no-namespace", "a path that leads to no namespace is refused", async (t) => {
      await t.refuses((c) => {
        setNamespace(c, "network", t.file("plain", ""));
      });
    }),

    check("missing", "a path that leads nowhere is refused", async (t) => {
      await t.refuses((c) => {
        setNamespace(c, "network", "/no/such/namespace");
      }, /no such file or directory/i);
    }),

    check("twice", "the same type twice is refused", async (t) => {
      await t.refuses((c) => {
        c.linux.namespaces.push({ type: "uts" });
      });
    }),

    check("unknown", "a type that nobody knows is refused", async (t) => {
      await t.refuses((c) => {
        withoutNamespace(c, "uts");
        delete c.hostname;
        c.linux.namespaces.push({ type: "weather" });
      });
    }),
  ],
};
