// The machine's disk: Debian 12 with systemd, the peers and AppArmor, made once by debootstrap and kept between runs.
import { createHash } from "node:crypto";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { run } from "./run.mjs";

const release = "bookworm";

const packages = [
  ...["systemd", "systemd-sysv", "libpam-systemd", "dbus", "dbus-user-session"],
  ...["linux-image-cloud-amd64", "initramfs-tools", "kmod", "apparmor"],
  ...["crun", "runc", "uidmap", "fuse-overlayfs"],
  ...["busybox-static", "iproute2", "procps", "strace", "libstdc++6"],
];

/** A payload is a tar file on the second disk, with a program `main` in it; what it prints goes to the second serial port. */
const service = `[Unit]
After=basic.target dbus.service apparmor.service
[Service]
Delegate=yes
TimeoutStartSec=infinity
ExecStart=/bin/sh /opt/begin
StandardInput=null
StandardOutput=file:/dev/ttyS1
StandardError=file:/dev/ttyS1
[Install]
WantedBy=multi-user.target
`;

const begin = `mkdir /opt/payload && cd /opt/payload && tar -xf /dev/vdb && ./main
echo "machine: status $?"
sleep 0.2
systemctl poweroff -ff
`;

/** Debian's own initrd looks for hardware for longer than everything else takes. */
const init = `#!/bin/busybox sh
busybox mount -t devtmpfs dev /dev
for module in $(busybox cat /modules); do busybox insmod /$module; done
until busybox mount -t ext4 /dev/vda /root; do busybox sleep 0.1; done 2>/dev/null
busybox umount /dev
exec busybox switch_root /root /sbin/init
`;

/** Makes /initrd of the modules that the disk needs, in the order in which they need each other. */
const makeInitrd = `set -e
kernel=$(ls /lib/modules)
mkdir -p /first/bin /first/dev /first/root
cp /bin/busybox /first/bin
for module in virtio_pci virtio_blk; do modprobe -S "$kernel" --show-depends $module; done |
while read -r _ file; do
  cp "$file" /first
  grep -sqx "\${file##*/}" /first/modules || echo "\${file##*/}" >>/first/modules
done
cd /first && find . | cpio --quiet -o -H newc | gzip -1 >/initrd
`;

/** What a machine that lives for a minute does not need: each costs time at every boot. */
const masked = [
  ...["getty@tty1.service", "serial-getty@ttyS0.service", "apt-daily.timer", "apt-daily-upgrade.timer"],
  ...["e2scrub_all.timer", "fstrim.timer", "dpkg-db-backup.timer", "systemd-timesyncd.service"],
  ...[
    "systemd-udevd.service",
    "systemd-udev-trigger.service",
    "systemd-udevd-kernel.socket",
    "systemd-udevd-control.socket",
  ],
];

/** A plain user with subordinate ids; `loginctl enable-linger plain` starts a systemd of its own. */
const setup = `set -e
useradd --create-home --uid 1000 --shell /bin/bash plain
systemctl enable payload.service
systemctl mask ${masked.join(" ")}
`;

/** Everything that the image is made of: another list, another image. */
const key = createHash("sha256")
  .update([release, ...packages, service, begin, setup, init, makeInitrd].join("\n"))
  .digest("hex")
  .slice(0, 16);

/**
 * Makes the image unless it is there.
 * @returns {Promise<{disk: string, kernel: string, initrd: string}>} paths of files that nobody may change
 */
export async function image() {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "tsrun");
  const place = join(cache, `machine-${key}`);
  if (!existsSync(place)) {
    mkdirSync(cache, { recursive: true });
    const work = mkdtempSync(join(cache, "making-"));
    try {
      await make(work);
      rmSync(join(work, "tree"), { recursive: true });
      renameSync(work, place);
    } catch (error) {
      rmSync(work, { recursive: true, force: true });
      // somebody else made the same one meanwhile
      if (!existsSync(place)) throw error;
    }
  }
  return { disk: join(place, "disk"), kernel: join(place, "vmlinuz"), initrd: join(place, "initrd") };
}

async function make(work) {
  const tree = join(work, "tree");
  const log = join(work, "log");
  const include = `--include=${packages.join(",")}`;
  await run(log, ["debootstrap", "--variant=minbase", include, release, tree, ...mirror()]);
  writeFileSync(join(tree, "etc/systemd/system/payload.service"), service);
  writeFileSync(join(tree, "opt/begin"), begin);
  writeFileSync(join(tree, "etc/fstab"), "/dev/vda / ext4 defaults 0 0\n");
  writeFileSync(join(tree, "etc/hostname"), "machine\n");
  await run(log, ["chroot", tree, "sh", "-c", setup]);
  mkdirSync(join(tree, "first"));
  writeFileSync(join(tree, "first/init"), init, { mode: 0o755 });
  await run(log, ["chroot", tree, "sh", "-c", makeInitrd]);
  renameSync(join(tree, "initrd"), join(work, "initrd"));
  await run(log, ["sh", "-c", `mv "${tree}"/boot/vmlinuz-* "${work}/vmlinuz"`]);
  await run(log, ["sh", "-c", `rm -rf "${tree}"/boot/* "${tree}"/first "${tree}"/var/cache/apt/archives/*.deb`]);
  await run(log, ["truncate", "-s", "4G", join(work, "disk")]);
  await run(log, ["mkfs.ext4", "-q", "-d", tree, join(work, "disk")]);
}

/** Where this machine itself gets its packages of that release; debootstrap's own default when it is another release. */
function mirror() {
  const { stdout } = spawnSync(
    "apt-get",
    ["indextargets", "--format", "$(CODENAME) $(REPO_URI)", "Created-By: Packages"],
    {
      encoding: "utf8",
    },
  );
  const line = (stdout ?? "").split("\n").find((each) => each.startsWith(`${release} `));
  return line === undefined ? [] : [line.slice(release.length + 1)];
}
