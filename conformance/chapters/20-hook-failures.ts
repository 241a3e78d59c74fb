import { type Chapter, check } from "../chapter.js";
import type { State } from "../container.js";
import { between, equal, holds, matches, present } from "../expect.js";
import { eventually, exists, isAlive, readText, statusLine } from "../host.js";
import { all, duringCreate, failsToCreate, live, notes, shell, withHooks } from "../hooks.js";

export const hookFailures: Chapter = {
  name: "hook-failures",
  title: "Hooks that fail",
  about: "what becomes of a container when a hook fails, hangs, is missing, or will not be quiet",
  checks: [
    ...duringCreate.map((name) =>
      check(
        `${name}-fails`,
        `a ${name} hook that fails lets create fail; all is undone, and poststop is run`,
        async (t) => {
          const { container, read } = withHooks(t, [name], "echo what went wrong >&2; exit 3");
          const { folder } = notes(t);
          const hooks = present("hooks", container.config.hooks);
          hooks[name]?.push(shell(name, folder, "echo late >> NOTES/late"));
          hooks.poststop = [shell("poststop", folder, "echo poststop > NOTES/after")];
          container.writeConfig(JSON.stringify(container.config));
          const words = await failsToCreate(t, container);
          matches("words", words, /hook/);
          matches("words", words, /what went wrong/);
          equal("the next hook", exists(`${folder}/late`), false);
          equal("poststop", read("after"), "poststop\n");
        },
      ),
    ),

    ...(["startContainer", "poststart"] as const).map((name) =>
      check(
        `${name}-fails`,
        `a ${name} hook that fails lets start fail; the container is destroyed, and poststop is run`,
        async (t) => {
          const { container, read, folder } = withHooks(t, [name], "echo what went wrong >&2; exit 3");
          present("hooks", container.config.hooks).poststop = [
            shell("poststop", folder, "echo poststop > NOTES/after"),
          ];
          container.writeConfig(JSON.stringify(container.config));
          await container.must("create");
          const pid = await container.pid();
          const { stderr } = await container.refused("start");
          matches("words", stderr, new RegExp(`${name} hook #0: exit status 3.*what went wrong`));
          holds("its process is gone", !isAlive(pid));
          await container.refused("state");
          await t.leavesNothing();
          equal("poststop", read("after"), "poststop\n");
        },
      ),
    ),

    check("run-fails", "run fails as well when a hook of the start does, and leaves nothing", async (t) => {
      for (const name of ["startContainer", "poststart"] as const) {
        const { container } = withHooks(t, [name], "exit 3");
        equal("status", (await container.refused("run")).status, 1);
        await container.refused("state");
      }
      await t.leavesNothing();
    }),

    check("poststop-fails", "a poststop hook that fails is a warning at most, and the others run", async (t) => {
      const { container, read, folder } = withHooks(t, ["poststop"], "exit 3");
      container.config.hooks?.poststop?.push(shell("poststop", folder, "echo poststop > NOTES/after"));
      container.writeConfig(JSON.stringify(container.config));
      await container.launch();
      await container.must("delete", { flags: ["--force"] });
      equal("the next hook", read("after"), "poststop\n");
      await t.leavesNothing();
    }),

    check("missing", "a hook that does not exist lets create fail", async (t) => {
      for (const name of duringCreate) {
        const container = t.container(["true"], (config) => {
          config.hooks = { [name]: [{ path: "/no/such/hook" }] };
        });
        matches(name, await failsToCreate(t, container), /no such file or directory/i);
      }
      const container = t.container(["true"], (config) => {
        config.hooks = { startContainer: [{ path: "/no/such/hook" }] };
      });
      await container.must("create");
      matches("startContainer", (await container.refused("start")).stderr, /no such file or directory/i);
    }),

    ...all.slice(0, 5).map((name) =>
      check(`${name}-timeout`, `a ${name} hook is killed after its timeout, with what it started`, async (t) => {
        const { container, read } = withHooks(t, [name], "echo $$ > NOTES/pid; sleep 1000; true", { timeout: 1 });
        if (duringCreate.includes(name)) await failsToCreate(t, container);
        else {
          await container.must("create");
          await container.refused("start");
          await container.must("delete", { flags: ["--force"] });
        }
        if (!name.endsWith("Container")) holds("it is gone", !isAlive(Number(read("pid"))));
        await t.leavesNothing();
      }),
    ),

    check("background", "a hook may leave a process behind that holds its output: nobody waits for it", async (t) => {
      // what createContainer leaves behind ends with the container's processes
      const names = all.filter((name) => !name.endsWith("Container"));
      const { container, folder } = withHooks(t, [...names, "createContainer"], "sleep 1000 & echo $! > NOTES/NAME");
      const left = (): number[] =>
        names.map((name) => Number(readText(`${folder}/${name}`) ?? 0)).filter((pid) => pid > 0 && isAlive(pid));
      const end = (): void => {
        for (const pid of left()) process.kill(pid, "SIGKILL");
      };
      t.afterwards(end);
      await live(container);
      equal("how many live", left().length, names.length);
      end();
      await eventually(() => left().length === 0);
    }),

    check("silent-reader", "a hook need not read its state, however long it is", async (t) => {
      const { container } = withHooks(t, all, "exec < /dev/null; true");
      container.config.annotations = { "org.example.long": "x".repeat(300_000) };
      container.writeConfig(JSON.stringify(container.config));
      await live(container);
    }),

    check("long-state", "a long state reaches the hook whole", async (t) => {
      const { container, read } = withHooks(t, all, "cat > NOTES/NAME");
      container.config.annotations = { "org.example.long": "x".repeat(300_000) };
      container.writeConfig(JSON.stringify(container.config));
      await live(container);
      for (const name of all)
        equal(name, (JSON.parse(read(name)) as State)["annotations"], container.config.annotations);
    }),

    ...(["createRuntime", "createContainer"] as const).map((name) =>
      check(`${name}-talks`, `a ${name} hook that writes without end needs no memory of the runtime`, async (t) => {
        const { container } = withHooks(t, [name], "head -c 300000000 /dev/zero; echo the end; exit 3");
        let peak = 0;
        const look = (pid: number): void => {
          const watch = setInterval(() => {
            const status = readText(`/proc/${String(pid)}/status`) ?? "";
            peak = Math.max(peak, Number(statusLine(status, "VmHWM")?.split(" ")[0] ?? 0));
          }, 5);
          t.afterwards(() => {
            clearInterval(watch);
          });
        };
        await t.control();
        const { stderr } = await container.refused("create", { started: look });
        matches("words", stderr, /the end/);
        between("length of the words", stderr.length, 1, 8192);
        between("peak memory in kB", peak, 1, 150_000);
        await t.leavesNothing();
      }),
    ),
  ],
};
