// The surroundings of one check: directories, containers, and the duty to leave nothing behind.
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { baseConfig, type Config } from "./config.js";
import { type CallOptions, Container } from "./container.js";
import { equal, Failure, matches, present } from "./expect.js";
import {
  eventually,
  exists,
  hierarchies,
  mountsBelow,
  placeOf,
  processesAbout,
  processesOf,
  readText,
} from "./host.js";
import { invoke } from "./invoke.js";
import { makeRootfs, type Programs } from "./rootfs.js";

/** Shows that a script was run, and not only believed to be. */
const scriptEnd = "-- end of script";

export type Edit = (config: Config) => void;

export interface Setting {
  /** The runtime's command and its arguments. */
  readonly runtime: readonly string[];
  readonly programs: Programs;
  /** Cgroup that is the parent of all containers of this run: a path from / on, or the name of a slice of systemd. */
  readonly cgroupParent: string;
  /** Set by the first check that wants to know whether an unspoiled bundle runs. */
  control?: Promise<unknown>;
}

export class Trial {
  /** Directory of this check; its last part is in the name of everything that belongs to it. */
  readonly directory: string;
  readonly token: string;
  readonly probe: string;
  readonly #setting: Setting;
  readonly #containers: Container[] = [];
  readonly #endings: (() => unknown)[] = [];

  constructor(setting: Setting) {
    this.#setting = setting;
    this.directory = mkdtempSync(join(tmpdir(), "conformance-"));
    // root of a user namespace is somebody else outside and must be able to walk in
    chmodSync(this.directory, 0o755);
    this.token = basename(this.directory);
    this.probe = setting.programs.probe;
  }

  /** The runtime with a directory for states that only this check uses. */
  get runtime(): readonly string[] {
    return [...this.#setting.runtime, "--root", this.stateRoot];
  }

  get stateRoot(): string {
    return join(this.directory, "state");
  }

  /** A bundle whose program is `args`; nothing is started yet. */
  container(args: readonly string[], edit: Edit = () => undefined): Container {
    const id = `${this.token}-${String(this.#containers.length)}`;
    const bundle = join(this.directory, `bundle-${String(this.#containers.length)}`);
    const config = baseConfig(cgroupsPath(this.#setting.cgroupParent, id));
    config.process.args = [...args];
    edit(config);
    mkdirSync(bundle, { mode: 0o755 });
    makeRootfs(join(bundle, "rootfs"), this.#setting.programs);
    const container = new Container({ runtime: this.runtime, id, bundle, config });
    container.writeConfig(JSON.stringify(config));
    this.#containers.push(container);
    return container;
  }

  /** Runs a program to its end in a container of its own; it must succeed. Answers what it printed, trimmed. */
  async inside(args: readonly string[], edit?: Edit, options?: CallOptions): Promise<string> {
    const { status, stdout, stderr } = await this.container(args, edit).run(options);
    if (status !== 0) throw new Failure(`${args.join(" ")} ended with ${status}: ${(stderr + stdout).trim()}`);
    return stdout.trim();
  }

  /** The same for a line of shell, which must have been run to its end. */
  async shell(script: string, edit?: Edit, options?: CallOptions): Promise<string> {
    const said = await this.inside(
      ["sh", "-c", `${script}\nstatus=$?; echo; echo ${scriptEnd}; exit $status`],
      edit,
      options,
    );
    if (!said.endsWith(scriptEnd))
      throw new Failure(`${script}: was not run to its end, but wrote ${JSON.stringify(said)}`);
    return said.slice(0, -scriptEnd.length).trim();
  }

  /** Fails unless the runtime can run the unchanged bundle: one that refuses everything would prove nothing by refusing. */
  async control(): Promise<void> {
    this.#setting.control ??= this.shell("true");
    await this.#setting.control;
  }

  /**
   * A container whose `create` must fail, with words like `words`, and leave nothing; see `control`.
   */
  async refuses(edit: Edit, words = /./): Promise<void> {
    await this.control();
    const answer = await this.container(["true"], edit).refused("create");
    matches("words", answer.stderr, words);
    await this.leavesNothing();
  }

  /** A started container that stays until it is killed. */
  async running(edit?: Edit, args: readonly string[] = ["sleep", "1000"]): Promise<Container> {
    return this.container(args, edit).launch();
  }

  /** A new directory outside of all bundles. */
  folder(name: string, mode = 0o755): string {
    const path = join(this.directory, name);
    mkdirSync(path, { recursive: true });
    chmodSync(path, mode);
    return path;
  }

  file(name: string, text: string, mode = 0o644): string {
    const path = join(this.directory, name);
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  }

  /** Runs a program of the machine, which must succeed; answers what it printed, trimmed. */
  outside(program: string, ...args: string[]): string {
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
    if (status !== 0) throw new Failure(`${program} ${args.join(" ")}: ${stderr.trim()}`);
    return stdout.trim();
  }

  /** Runs the probe around the runtime; answers what it saw. */
  async around(...args: string[]): Promise<string> {
    const { status, stdout, stderr } = await invoke([this.probe, ...args], this.directory);
    if (status !== 0) throw new Failure(`${args[0] ?? ""}: ${(stdout + stderr).trim()}`);
    return stdout.trim();
  }

  /**
   * Runs a command on a terminal of 33 rows and 77 columns and types keys, a part each time it asks (inside/terminal.c). Answers what stood
   * there in the end, lines ended by a newline alone, and as last line the status and whether the terminal is as it was: `[0, as before]`.
   */
  async atTerminal(command: readonly string[], keys = ""): Promise<string> {
    const { stdout } = await invoke([this.probe, "terminal", "33", "77", keys, "--", ...command], this.directory);
    // a runtime may need a moment until it has told one of the two terminals to leave ends of lines to the other
    return stdout.replaceAll(/\r+\n/g, "\n").trim();
  }

  /** mount(8) with these arguments; the last one is the place, which is unmounted when the check is over. */
  mount(...args: string[]): void {
    this.outside("mount", ...args);
    const place = args.at(-1) ?? "";
    this.afterwards(() => spawnSync("umount", ["--lazy", place]));
  }

  /** The number in a pid file, as soon as it is there. */
  async pidIn(path: string): Promise<number> {
    await eventually(() => exists(path) && readText(path) !== "");
    return Number(present(path, readText(path)));
  }

  /** Remembers something to undo when the check is over; the last one comes first. */
  afterwards(ending: () => unknown): void {
    this.#endings.unshift(ending);
  }

  /** What is left of this check's containers: states, cgroups, mounts, processes. */
  leftovers(): string[] {
    const states = exists(this.stateRoot)
      ? readdirSync(this.stateRoot).filter((name) => name.includes(this.token))
      : [];
    return [
      ...states.map((name) => `state ${name}`),
      ...this.#cgroups().map((path) => `cgroup ${path}`),
      ...mountsBelow(this.directory).map((path) => `mount ${path}`),
      ...processesAbout(this.token).map((pid) => `process ${String(pid)}`),
    ];
  }

  /** Fails unless everything is gone; the kernel may need a moment to take a dead process away. */
  async leavesNothing(): Promise<void> {
    await eventually(() => this.leftovers().length === 0, 2000);
    equal("left behind", this.leftovers(), []);
  }

  /** Removes everything, whatever state the check ended in. Answers what the runtime's `delete --force` did not remove. */
  async clean(): Promise<string[]> {
    for (const container of this.#containers.reverse()) {
      // most containers are gone already, and a refusal is normal here
      if (this.leftovers().length === 0) break;
      await container.call("delete", { flags: ["--force"] }).catch(() => undefined);
    }
    for (const ending of this.#endings) ending();
    await eventually(() => this.leftovers().length === 0, 1000);
    const left = this.leftovers();
    for (const pid of processesOf(this.token)) process.kill(pid, "SIGKILL");
    await eventually(() => processesOf(this.token).length === 0, 1000);
    for (const path of this.#cgroups()) removeCgroup(path);
    for (const point of mountsBelow(this.directory)) spawnSync("umount", ["--lazy", point]);
    // never walk into a mount: it may be somebody else's files
    if (mountsBelow(this.directory).length === 0) rmSync(this.directory, { recursive: true, force: true });
    return left;
  }

  #cgroups(): string[] {
    const parents = hierarchies().map(({ mount }) => join(mount, placeOf(this.#setting.cgroupParent)));
    return parents.flatMap((parent) =>
      exists(parent)
        ? readdirSync(parent, { withFileTypes: true })
            .filter((entry) => entry.isDirectory() && entry.name.includes(this.token))
            .map((entry) => join(parent, entry.name))
        : [],
    );
  }
}

function cgroupsPath(parent: string, name: string): string {
  return parent.startsWith("/") ? `${parent}/${name}` : `${parent}:check:${name}`;
}

/** Removes a cgroup without processes, and those below it. */
export function removeCgroup(path: string): void {
  spawnSync("find", [path, "-depth", "-type", "d", "-exec", "rmdir", "{}", ";"]);
}
