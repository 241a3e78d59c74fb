// A container image made by hand from busybox, in the archive format that `docker save` writes and all engines load.
import { createHash } from "node:crypto";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeRootfs } from "../../examples/busybox-bundle.mjs";

/** Name under which every engine finds the image; a domain makes it fully qualified, so none looks for it elsewhere. */
export const imageName = "localhost/busybox:made";

const platform = { architecture: process.arch === "x64" ? "amd64" : process.arch, os: "linux" };

function digest(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

function tar(directory: string, file: string, names: readonly string[]): void {
  const { status, stderr } = spawnSync("tar", ["-C", directory, "-cf", file, ...names], { encoding: "utf8" });
  if (status !== 0) throw new Error(`tar: ${stderr}`);
}

/** Writes `busybox.tar` into `directory`; answers its path. */
export function makeImage(directory: string): string {
  const rootfs = join(directory, "image-rootfs");
  const content = join(directory, "image");
  mkdirSync(content, { recursive: true });
  makeRootfs(rootfs);
  writeFileSync(join(rootfs, "etc/not-executable"), "#!/bin/sh\n", { mode: 0o644 });
  const unnamed = join(content, "layer.tar");
  tar(rootfs, unnamed, ["."]);
  const layer = digest(unnamed);
  renameSync(unnamed, join(content, `${layer}.tar`));
  const config = JSON.stringify({
    ...platform,
    created: "2024-01-01T00:00:00Z",
    config: { Cmd: ["sh"], Env: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"] },
    rootfs: { type: "layers", diff_ids: [`sha256:${layer}`] },
    history: [{ created: "2024-01-01T00:00:00Z", created_by: "busybox" }],
  });
  const configName = `${createHash("sha256").update(config).digest("hex")}.json`;
  writeFileSync(join(content, configName), config);
  const manifest = [{ Config: configName, RepoTags: [imageName], Layers: [`${layer}.tar`] }];
  writeFileSync(join(content, "manifest.json"), JSON.stringify(manifest));
  const archive = join(directory, "busybox.tar");
  tar(content, archive, ["manifest.json", configName, `${layer}.tar`]);
  return archive;
}
