// One container under test: the runtime's verbs, and what we know of it from outside.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "./config.js";
import { equal, Failure, holds, present } from "./expect.js";
import { cgroupDirectory, eventually, isAlive, placeOf, readText } from "./host.js";
import { type Answer, invoke, type InvokeOptions } from "./invoke.js";

export interface CallOptions extends InvokeOptions {
  /** Flags after the verb. */
  readonly flags?: readonly string[];
  /** Command that starts the runtime, for example the probe's `crowd fds`. */
  readonly through?: readonly string[];
  /** False: `create` and `run` are not told where the bundle is. */
  readonly bundle?: boolean;
}

export interface State {
  readonly [key: string]: unknown;
  readonly ociVersion: string;
  readonly id: string;
  readonly status: string;
  /** May be absent when there is no process. */
  readonly pid?: number;
  readonly bundle: string;
}

export interface ContainerFacts {
  /** Runtime with its global arguments, `--root` among them. */
  readonly runtime: readonly string[];
  readonly id: string;
  readonly bundle: string;
  readonly config: Config;
}

export class Container {
  readonly id: string;
  readonly bundle: string;
  readonly config: Config;
  readonly rootfs: string;
  readonly #runtime: readonly string[];
  #output = "";

  constructor(facts: ContainerFacts) {
    this.id = facts.id;
    this.bundle = facts.bundle;
    this.config = facts.config;
    this.rootfs = join(facts.bundle, "rootfs");
    this.#runtime = facts.runtime;
  }

  /** The words that call the runtime's `verb` for this container, for programs that start it themselves. */
  command(verb: string, flags: readonly string[] = [], tellBundle = true): string[] {
    const bundle = tellBundle && (verb === "create" || verb === "run") ? ["--bundle", this.bundle] : [];
    return [...this.#runtime, verb, ...bundle, ...flags, this.id];
  }

  /** Its cgroup: where it should be in every hierarchy, from / on. */
  get cgroup(): string {
    return placeOf(this.config.linux.cgroupsPath);
  }

  async call(verb: string, options: CallOptions = {}, after: readonly string[] = []): Promise<Answer> {
    const command = [...(options.through ?? []), ...this.command(verb, options.flags, options.bundle), ...after];
    const answer = await invoke(command, this.bundle, options);
    if (verb === "create") this.#output = answer.outputFile;
    return answer;
  }

  /** Calls a verb that must succeed. */
  async must(verb: string, options: CallOptions = {}, after: readonly string[] = []): Promise<Answer> {
    const answer = await this.call(verb, options, after);
    if (answer.status !== 0)
      throw new Failure(
        `${[verb, ...after].join(" ")} ended with ${answer.status}: ${answer.stderr.trim() || answer.stdout.trim()}`,
      );
    return answer;
  }

  /** `list`, which takes no id. */
  async listed(flags: readonly string[]): Promise<Answer> {
    return invoke([...this.#runtime, "list", ...flags], this.bundle);
  }

  /** The same bundle under another id. */
  withId(id: string): Container {
    return new Container({ runtime: this.#runtime, id, bundle: this.bundle, config: this.config });
  }

  /** The same container, called with more global arguments. */
  withGlobals(...words: string[]): Container {
    return new Container({
      runtime: [...this.#runtime, ...words],
      id: this.id,
      bundle: this.bundle,
      config: this.config,
    });
  }

  /** Replaces config.json by any text. */
  writeConfig(text: string): void {
    writeFileSync(join(this.bundle, "config.json"), text);
  }

  /** Calls a verb that must be refused with a line on standard error. */
  async refused(verb: string, options: CallOptions = {}, after: readonly string[] = []): Promise<Answer> {
    const answer = await this.call(verb, options, after);
    holds(`${verb} must fail, but ended with 0`, answer.status !== 0);
    holds(`${verb} failed without a word on standard error`, answer.stderr.trim() !== "");
    return answer;
  }

  async run(options: CallOptions = {}): Promise<Answer> {
    return this.call("run", options);
  }

  /** Creates and starts; the program runs when this returns. */
  async launch(options: CallOptions = {}): Promise<this> {
    await this.must("create", options);
    await this.must("start");
    return this;
  }

  async state(): Promise<State> {
    const answer = await this.must("state");
    return JSON.parse(answer.stdout) as State;
  }

  /** The first process's number outside, as `state` tells it. */
  async pid(): Promise<number> {
    const { pid } = await this.state();
    holds("state names a process", Number.isInteger(pid) && Number(pid) > 0, pid);
    return Number(pid);
  }

  async kill(signal = "KILL"): Promise<void> {
    await this.must("kill", {}, [signal]);
  }

  /** Waits for the process to end. */
  async ended(pid: number): Promise<void> {
    holds(`process ${String(pid)} ends`, await eventually(() => !isAlive(pid)));
  }

  /** What a created container has written so far. */
  output(): string {
    return readText(this.#output) ?? "";
  }

  /** Waits for text in the output. */
  async says(text: string): Promise<string> {
    const seen = await eventually(() => this.output().includes(text));
    holds(`the container writes ${JSON.stringify(text)}`, seen, this.output());
    return this.output();
  }

  /** Content of a file of this container's cgroup, by its version 1 and version 2 name. */
  cgroupFile(controller: string, v1: string, v2: string): string {
    const place = present(`a hierarchy with ${controller}`, cgroupDirectory(controller, this.config.linux.cgroupsPath));
    const file = join(place.directory, place.version === 1 ? v1 : v2);
    return present(file, readText(file)).trim();
  }

  async status(expected: string): Promise<State> {
    const state = await this.state();
    equal("status", state.status, expected);
    return state;
  }
}
