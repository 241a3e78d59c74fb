// One life of the machine under qemu: it boots, performs its payload, switches itself off.
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { build } from "../build/paths.mjs";
import { image } from "./image.mjs";

/** Arguments of the kernel for a layout of cgroups. */
const layouts = { v2: "", hybrid: "systemd.unified_cgroup_hierarchy=0" };

export const layoutNames = Object.keys(layouts);

/**
 * Boots a machine and passes on what its payload prints.
 * @param {{layout: string, payload: string, minutes: number, print: (text: string) => void}} wish
 * @returns {Promise<number>} the payload's exit status
 * @throws Error when the machine ends, or is ended, without telling one
 */
export async function boot({ layout, payload, minutes, print }) {
  const { disk, kernel, initrd } = await image();
  const logs = join(build, "vm");
  mkdirSync(logs, { recursive: true });
  const consoleLog = join(logs, `console-${layout}-${process.pid}.log`);
  const words = `console=ttyS0 root=/dev/vda rw panic=-1 quiet systemd.show_status=0 lsm=landlock,yama,apparmor,bpf`;
  const child = spawn(
    "qemu-system-x86_64",
    [
      ...["-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", "2048"],
      ...["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"],
      ...["-kernel", kernel, "-initrd", initrd, "-append", `${words} ${layouts[layout]}`],
      // what the machine writes to its disk is forgotten: the next one starts as this one did
      ...["-drive", `file=${disk},if=virtio,format=raw,snapshot=on`],
      ...["-drive", `file=${payload},if=virtio,format=raw,readonly=on`],
      ...["-device", "virtio-rng-pci", "-serial", `file:${consoleLog}`, "-serial", "stdio"],
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let text = "";
  const hear = (chunk) => {
    text += chunk;
    const end = text.lastIndexOf("\n") + 1;
    print(text.slice(0, end).replaceAll("\r", ""));
    said += text.slice(0, end);
    text = text.slice(end);
  };
  let said = "";
  child.stdout.setEncoding("utf8").on("data", hear);
  child.stderr.setEncoding("utf8").on("data", hear);
  const alarm = setTimeout(() => child.kill("SIGKILL"), minutes * 60_000);
  const ended = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(signal ?? code));
  });
  clearTimeout(alarm);
  const status = /^machine: status (\d+)\r?$/m.exec(said)?.[1];
  if (status === undefined) throw new Error(`the machine ended (${ended}) before its payload: see ${consoleLog}`);
  return Number(status);
}
