// Containers with hooks that write down what they see.
import type { Config, Hook, Hooks } from "./config.js";
import type { Container } from "./container.js";
import { present } from "./expect.js";
import { readText } from "./host.js";
import type { Trial } from "./trial.js";

export type Name = keyof Hooks;

export const all: readonly Name[] = [
  "prestart",
  "createRuntime",
  "createContainer",
  "startContainer",
  "poststart",
  "poststop",
];
export const duringCreate: readonly Name[] = ["prestart", "createRuntime", "createContainer"];

/** A folder into which hooks and the program write; inside it is /notes. */
export function notes(t: Trial): { folder: string; mount: (config: Config) => void; read: (name: string) => string } {
  const folder = t.folder("notes", 0o777);
  return {
    folder,
    mount: (config) => config.mounts.push({ destination: "/notes", source: folder, options: ["bind"] }),
    read: (name) => present(`what ${name} wrote`, readText(`${folder}/${name}`)),
  };
}

/** The script, with NOTES in it replaced by the folder's path where the hook runs. */
export function shell(name: Name, folder: string, script: string, rest: Partial<Hook> = {}): Hook {
  const place = name === "startContainer" ? "/notes" : folder;
  // crun dies of a hook that ends without having read its state; that is for other checks than most
  const first = /^(cat|exec) /.test(script) ? "" : "cat > /dev/null; ";
  return {
    path: "/bin/sh",
    args: ["sh", "-c", first + script.replaceAll("NOTES", place)],
    env: ["PATH=/bin"],
    ...rest,
  };
}

/** A container with this hook under each of the names. */
export function withHooks(t: Trial, names: readonly Name[], script: string, rest?: Partial<Hook>) {
  const book = notes(t);
  const container = t.container(["sleep", "1000"], (config) => {
    book.mount(config);
    config.annotations = { "org.example.colour": "blue" };
    config.hooks = {};
    for (const name of names) config.hooks[name] = [shell(name, book.folder, script.replaceAll("NAME", name), rest)];
  });
  return { container, read: book.read, folder: book.folder };
}

/** The hook writes its own environment, which a shell would add to. */
export function copyEnvironment(hook: Hook): void {
  const script = hook.args?.[2]?.split("; ").at(-1) ?? "";
  delete hook.env;
  hook.path = "/bin/dd";
  hook.args = ["dd", "if=/proc/self/environ", `of=${script}`];
}

/** create, start, kill, delete. */
export async function live(container: Container): Promise<number> {
  await container.launch();
  const pid = await container.pid();
  await container.kill();
  await container.ended(pid);
  await container.must("delete");
  return pid;
}

export async function failsToCreate(t: Trial, container: Container): Promise<string> {
  await t.control();
  const { stderr } = await container.refused("create");
  await container.refused("state");
  await t.leavesNothing();
  return stderr;
}
