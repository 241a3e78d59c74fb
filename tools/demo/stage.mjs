// What the audience sees: headings, commands with their answers and times, a few words between them.
import { spawn, spawnSync } from "node:child_process";
import { basename } from "node:path";

const styles = { heading: "1;36", command: "1", remark: "2", failure: "31" };

export class Stage {
  #colours = process.stdout.isTTY === true && (process.env.NO_COLOR ?? "") === "";

  #style(name, text) {
    return this.#colours ? `\x1b[${styles[name]}m${text}\x1b[0m` : text;
  }

  scene(title) {
    console.log(`\n${this.#style("heading", `== ${title}`)}`);
  }

  /** A remark of the demo itself, so that nobody takes it for output of a program. */
  say(text) {
    for (const line of text.split("\n")) console.log(this.#style("remark", `   ${line}`));
  }

  /** Output of a program, or of a container. */
  show(text) {
    for (const line of text.trimEnd().split("\n")) console.log(`   ${line}`);
  }

  /**
   * Shows a command, runs it and shows its answer. `shown` replaces the answer, `hide` are words that are not worth
   * showing. Answers standard output; a status other than `expected` ends the demo.
   */
  async command(words, { cwd, expected = 0, shown, output, hide = [] } = {}) {
    const visible = words.filter((word) => !hide.includes(word));
    process.stdout.write(`${this.#style("command", `$ ${[basename(visible[0]), ...visible.slice(1)].join(" ")}`)}`);
    const begun = performance.now();
    const { status, stdout, stderr } = await call(words, cwd, output);
    const taken = performance.now() - begun;
    console.log(this.#style("remark", `   ${duration(taken)}`));
    const answer = shown?.(stdout) ?? stdout;
    if (answer.trim() !== "") this.show(answer);
    if (stderr.trim() !== "")
      for (const line of stderr.trimEnd().split("\n")) console.log(`   ${this.#style("failure", line)}`);
    if (status !== expected) throw new Error(`${visible.join(" ")} ended with exit status ${String(status)}`);
    return stdout;
  }

  quietly([program, ...args]) {
    spawnSync(program, args, { stdio: "ignore" });
  }
}

function duration(milliseconds) {
  return milliseconds < 1000 ? `${milliseconds.toFixed(1)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** `output` is a descriptor that takes standard output and error instead, since `create` hands them to the container. */
function call([program, ...args], cwd, output) {
  return new Promise((done, fail) => {
    const streams = output === undefined ? ["ignore", "pipe", "pipe"] : ["ignore", output, output];
    const child = spawn(program, args, { cwd, stdio: streams });
    const said = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"])
      child[name]?.setEncoding("utf8").on("data", (text) => (said[name] += text));
    child.on("error", fail);
    child.on("close", (code, signal) => done({ status: code ?? signal, ...said }));
  });
}
