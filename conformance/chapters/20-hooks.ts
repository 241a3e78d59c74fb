import { type Chapter, check } from "../chapter.js";
import type { State } from "../container.js";
import { equal, lacks, matches } from "../expect.js";
import { eventually, namespaceOf, statusLine } from "../host.js";
import { all, copyEnvironment, duringCreate, live, notes, shell, withHooks } from "../hooks.js";

export const hooks: Chapter = {
  name: "hooks",
  title: "Hooks",
  about: "programs that the runtime calls at fixed moments of a container's life, outside of it or inside",
  checks: [
    check("order", "each of the six is called once, at its moment", async (t) => {
      const book = notes(t);
      const container = t.container(["sh", "-c", "echo program >> /notes/order; sleep 1000"], (config) => {
        book.mount(config);
        config.hooks = {};
        for (const name of all) config.hooks[name] = [shell(name, book.folder, `echo ${name} >> NOTES/order`)];
      });
      await container.must("create");
      equal("after create", book.read("order").trim().split("\n"), duringCreate);
      await container.must("start");
      await eventually(() => book.read("order").includes("program") && book.read("order").includes("poststart"));
      const order = book.read("order").trim().split("\n");
      equal("first of start", order[3], "startContainer");
      equal("then", order.slice(4).sort(), ["poststart", "program"]);
      await container.kill();
      await container.ended(await container.pid().catch(() => 0));
      await container.must("delete", { flags: ["--force"] });
      equal("last", book.read("order").trim().split("\n").slice(6), ["poststop"]);
    }),

    check("state", "each reads the state of the container, with its status at that moment", async (t) => {
      const { container, read } = withHooks(t, all, "cat > NOTES/NAME");
      await live(container);
      const states = all.map((name) => JSON.parse(read(name)) as State);
      for (const [index, state] of states.entries()) {
        const name = all[index] ?? "";
        equal(`${name}: id and bundle`, [state.id, state.bundle], [container.id, container.bundle]);
        equal(`${name}: annotations`, state["annotations"], { "org.example.colour": "blue" });
        matches(`${name}: ociVersion`, state.ociVersion, /^1\.\d+\.\d+/);
      }
      equal(
        "statuses",
        states.map(({ status }) => status),
        ["creating", "creating", "creating", "created", "running", "stopped"],
      );
    }),

    check("pid", "the state names the container's process as the hook sees it", async (t) => {
      const { container, read } = withHooks(t, all, "cat > NOTES/NAME");
      const pid = await live(container);
      const pids = all.slice(0, 5).map((name) => (JSON.parse(read(name)) as State).pid);
      equal("outside, outside, inside, inside, outside", pids, [pid, pid, 1, 1, pid]);
    }),

    check("namespaces", "two of them run in the container's namespaces, the others in the runtime's", async (t) => {
      const { container, read } = withHooks(t, all, "readlink /proc/self/ns/mnt > NOTES/NAME");
      await container.launch();
      const inside = namespaceOf(await container.pid(), "mnt");
      await container.must("delete", { flags: ["--force"] });
      const outside = namespaceOf("self", "mnt");
      for (const name of all) equal(name, read(name).trim(), name.endsWith("Container") ? inside : outside);
    }),

    check(
      "create-container-path",
      "createContainer is a file of the runtime, called before the root changes",
      async (t) => {
        const book = notes(t);
        const tool = t.file("tool", `#!/bin/sh\ncat > /dev/null\nls / > ${book.folder}/root\n`, 0o755);
        const container = t.container(["true"], (config) => (config.hooks = { createContainer: [{ path: tool }] }));
        await container.must("create");
        matches("the root that it sees", book.read("root"), /^usr$/m);
      },
    ),

    check("start-container-path", "startContainer is a file of the container", async (t) => {
      const book = notes(t);
      const container = t.container(["sleep", "1000"], (config) => {
        book.mount(config);
        config.hooks = { startContainer: [shell("startContainer", "", "ls / > NOTES/root")] };
      });
      await container.launch();
      lacks("the root that it sees", book.read("root"), "usr");
    }),

    check("environment", "a hook has exactly the environment that it is given", async (t) => {
      const { container, read } = withHooks(t, all, "NOTES/NAME");
      for (const name of all) container.config.hooks?.[name]?.forEach(copyEnvironment);
      for (const name of all) container.config.hooks?.[name]?.forEach((hook) => (hook.env = ["COLOUR=blue", "A="]));
      container.writeConfig(JSON.stringify(container.config));
      await live(container);
      for (const name of all) equal(name, read(name), "COLOUR=blue\0A=\0");
    }),

    check("no-environment", "a hook outside of the container that is given none has none", async (t) => {
      const names = all.filter((name) => name !== "startContainer");
      const { container, read } = withHooks(t, names, "NOTES/NAME");
      container.config.process.env.push("LD_PRELOAD=/tmp/evil.so");
      for (const name of names) container.config.hooks?.[name]?.forEach(copyEnvironment);
      container.writeConfig(JSON.stringify(container.config));
      await live(container);
      for (const name of names) equal(name, read(name), "");
    }),

    check("start-container-environment", "startContainer without an environment has the program's", async (t) => {
      const { container, read } = withHooks(t, ["startContainer"], "cat /proc/$$/environ > NOTES/NAME");
      container.config.process.env.push("COLOUR=blue");
      delete container.config.hooks?.startContainer?.[0]?.env;
      container.writeConfig(JSON.stringify(container.config));
      await container.launch();
      matches("environment", read("startContainer"), /COLOUR=blue/);
    }),

    check("arguments", "args[0] is the name that the hook is called by, whatever its path is", async (t) => {
      // busybox, which is all programs of the container, goes by its name
      const names = all.filter((name) => name !== "startContainer");
      const { container, read } = withHooks(t, names, "echo $0 > NOTES/NAME");
      for (const name of names) container.config.hooks?.[name]?.[0]?.args?.splice(0, 1, "setkey");
      container.writeConfig(JSON.stringify(container.config));
      await live(container);
      for (const name of names) equal(name, read(name), "setkey\n");
    }),

    check("descriptors", "no descriptor of the caller or of the runtime reaches a hook", async (t) => {
      const { container, read } = withHooks(t, all, "ls /proc/self/fd > NOTES/NAME");
      await container.must("create", { through: [t.probe, "crowd", "fds"] });
      await container.must("start", { through: [t.probe, "crowd", "fds"] });
      await container.must("delete", { flags: ["--force"], through: [t.probe, "crowd", "fds"] });
      // 3 is the directory that ls reads
      for (const name of all) equal(name, read(name).trim().split("\n"), ["0", "1", "2", "3"]);
    }),

    check("rights", "startContainer runs with the rights of the program", async (t) => {
      const look = "grep -E '^(Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp:)' /proc/self/status";
      const book = notes(t);
      for (const noNewPrivileges of [true, false]) {
        const container = t.container(["sh", "-c", `${look}; sleep 1000`], (config) => {
          book.mount(config);
          config.process.user = { uid: 1000, gid: 1000 };
          config.process.noNewPrivileges = noNewPrivileges;
          config.linux.seccomp = {
            defaultAction: "SCMP_ACT_ALLOW",
            syscalls: [{ names: ["acct"], action: "SCMP_ACT_ERRNO" }],
          };
          config.hooks = { startContainer: [shell("startContainer", "", `${look} > NOTES/rights`)] };
        });
        await container.launch();
        await container.says("Seccomp:");
        equal("rights", book.read("rights"), container.output());
        equal("seccomp", statusLine(book.read("rights"), "Seccomp"), "2");
      }
    }),
  ],
};
