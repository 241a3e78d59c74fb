// How each engine is set up on private directories and sockets, with the runtime given by its path. Nothing else is
// changed from its defaults but what a sandbox without a system needs: no packet filter, no systemd, no higher limits.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Daemon } from "./daemon.js";
import { imageName } from "./image.js";

export interface Engine {
  readonly name: string;
  /** Programs that must be installed. */
  readonly needs: readonly string[];
  /** Starts daemons and loads the image; answers how to run a container. */
  readonly open: (setting: Setting) => Promise<OpenEngine>;
}

export interface Setting {
  /** Absolute path of the runtime. */
  readonly runtime: string;
  readonly directory: string;
  /** Archive of the image. */
  readonly archive: string;
}

export interface OpenEngine {
  /** Command line of `run --rm` with `flags` before the image and `args` after it. */
  readonly run: (flags: readonly string[], args: readonly string[]) => readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly close: () => Promise<void>;
}

export function must(command: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  const [program = "", ...args] = command;
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
  if (status !== 0) throw new Error(`${command.join(" ")}: ${error?.message ?? stderr}`);
  return stdout;
}

function hardLimit(letter: string): string {
  return must(["sh", "-c", `ulimit -H${letter}`]).trim();
}

async function podman({ runtime, directory, archive }: Setting): Promise<OpenEngine> {
  const [files, processes] = [hardLimit("n"), must(["bash", "-c", "ulimit -Hu"]).trim()];
  const limits = [
    `nofile=${files}:${files}`,
    ...(processes === "unlimited" ? [] : [`nproc=${processes}:${processes}`]),
  ];
  const configuration = join(directory, "containers.conf");
  writeFileSync(
    configuration,
    [
      `[containers]\ndefault_ulimits=${JSON.stringify(limits)}`,
      `[engine]\ncgroup_manager="cgroupfs"\nevents_logger="file"\nruntime="tested"`,
      `runtime_supports_json=["tested"]`,
      `[engine.runtimes]\ntested=[${JSON.stringify(runtime)}]`,
    ].join("\n") + "\n",
  );
  const places = [
    "--root",
    join(directory, "root"),
    "--runroot",
    join(directory, "run"),
    "--tmpdir",
    join(directory, "tmp"),
  ];
  const command = ["podman", ...places, "--storage-driver", "vfs"];
  const env = { CONTAINERS_CONF: configuration };
  must([...command, "load", "--input", archive], env);
  return {
    run: (flags, args) => [...command, "run", "--rm", ...flags, imageName, ...args],
    env,
    close: () => Promise.resolve(),
  };
}

async function containerd({ runtime, directory, archive }: Setting): Promise<OpenEngine> {
  const address = join(directory, "containerd.sock");
  const configuration = join(directory, "containerd.toml");
  writeFileSync(
    configuration,
    [
      `version = 2\nroot = "${join(directory, "root")}"\nstate = "${join(directory, "state")}"`,
      `disabled_plugins = ["io.containerd.grpc.v1.cri"]\n[grpc]\naddress = "${address}"`,
    ].join("\n") + "\n",
  );
  const daemon = new Daemon(["containerd", "--config", configuration], join(directory, "containerd.log"));
  const command = ["ctr", "--address", address];
  await daemon.ready([...command, "version"]);
  must([...command, "images", "import", archive]);
  let count = 0;
  return {
    run: (flags, args) => [
      ...[...command, "run", "--rm", "--runc-binary", runtime, ...flags],
      ...[imageName, `contact-${String(++count)}`, ...args],
    ],
    env: {},
    close: () => daemon.stop(),
  };
}

async function docker({ runtime, directory, archive }: Setting): Promise<OpenEngine> {
  const host = `unix://${join(directory, "docker.sock")}`;
  const settings = join(directory, "daemon.json");
  writeFileSync(settings, JSON.stringify({ runtimes: { tested: { path: runtime } }, "default-runtime": "tested" }));
  mkdirSync(join(directory, "config"));
  const daemon = new Daemon(
    [
      ...["dockerd", "--config-file", settings, "--host", host, "--data-root", join(directory, "data")],
      ...["--exec-root", join(directory, "exec"), "--pidfile", join(directory, "docker.pid")],
      ...["--iptables=false", "--bridge=none"],
    ],
    join(directory, "dockerd.log"),
  );
  const command = ["docker", "--config", join(directory, "config"), "--host", host];
  await daemon.ready([...command, "version"]);
  must([...command, "load", "--input", archive]);
  return {
    run: (flags, args) => [...command, "run", "--rm", ...flags, imageName, ...args],
    env: {},
    close: () => daemon.stop(),
  };
}

export const engines: readonly Engine[] = [
  { name: "podman", needs: ["podman", "conmon"], open: podman },
  { name: "containerd", needs: ["containerd", "ctr", "containerd-shim-runc-v2"], open: containerd },
  { name: "docker", needs: ["dockerd", "docker", "containerd"], open: docker },
];
