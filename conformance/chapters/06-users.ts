import { chownSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Chapter, check } from "../chapter.js";
import { type Config, grant, mapRoot } from "../config.js";
import { equal, holds, matches, present } from "../expect.js";
import { readText, statusLine } from "../host.js";

const outer = 100_000;

function mapped(config: Config): void {
  mapRoot(config, outer);
}

/** Shows a folder of the machine at /tmp. */
function data(config: Config, source: string): void {
  config.mounts.push({ destination: "/tmp", type: "bind", source, options: ["bind"] });
}

export const users: Chapter = {
  name: "users",
  title: "User namespace",
  about: "numbers of users are translated: root inside can be nobody in particular outside",
  checks: [
    check("root-is-nobody", "root inside is an ordinary user outside", async (t) => {
      const container = await t.running(mapped, ["sh", "-c", "id -u; echo .; sleep 1000"]);
      equal("user inside", await container.says("."), "0\n.\n");
      const status = present("status", readText(`/proc/${String(await container.pid())}/status`));
      equal("user outside", statusLine(status, "Uid"), `${outer} ${outer} ${outer} ${outer}`);
      equal("group outside", statusLine(status, "Gid"), `${outer} ${outer} ${outer} ${outer}`);
    }),

    check("mapping", "the translation is exactly the one that was asked, also in several pieces", async (t) => {
      const edit = (c: Config) => {
        mapped(c);
        const pieces = [
          { containerID: 0, hostID: outer, size: 10 },
          { containerID: 10, hostID: outer + 5000, size: 90 },
          { containerID: 1000, hostID: 2000, size: 1 },
        ];
        c.linux.uidMappings = pieces;
        c.linux.gidMappings = [...pieces, { containerID: 65534, hostID: 4000, size: 1 }];
      };
      const said = await t.shell("cat /proc/self/uid_map; echo; cat /proc/self/gid_map", edit);
      const numbers = said.split("\n\n").map((map) => map.trim().split(/\s+/).map(Number));
      const users = [0, outer, 10, 10, outer + 5000, 90, 1000, 2000, 1];
      equal("uid_map and gid_map", numbers, [users, [...users, 65534, 4000, 1]]);
    }),

    check("files-made", "a file made inside belongs outside to the translated user", async (t) => {
      const folder = t.folder("data", 0o777);
      await t.shell("touch /tmp/by-root; chown 33:44 /tmp/by-root", (c) => {
        mapped(c);
        grant(c, "CAP_CHOWN");
        data(c, folder);
      });
      const { uid, gid } = statSync(join(folder, "by-root"));
      equal("owner and group outside", [uid, gid], [outer + 33, outer + 44]);
    }),

    check("files-foreign", "files of users without translation belong to nobody inside", async (t) => {
      const folder = t.folder("data");
      writeFileSync(join(folder, "of-root"), "");
      const said = await t.shell("stat -c '%u %g' /tmp/of-root", (c) => {
        mapped(c);
        data(c, folder);
      });
      equal("owner and group inside", said, "65534 65534");
    }),

    check("no-power", "root inside cannot read a file that only the machine's root may read", async (t) => {
      const folder = t.folder("data");
      writeFileSync(join(folder, "secret"), "secret", { mode: 0o600 });
      const said = await t.shell("cat /tmp/secret 2>&1 || true", (c) => {
        mapped(c);
        grant(c, "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER");
        data(c, folder);
      });
      matches("reading", said, /Permission denied/);
    }),

    check("own-power", "but it has its capabilities over what belongs to the container", async (t) => {
      const said = await t.shell("hostname mine; hostname; ip link set lo down; ip link show lo", (c) => {
        mapped(c);
        grant(c, "CAP_SYS_ADMIN", "CAP_NET_ADMIN");
      });
      matches("name and device", said, /^mine\n.*<LOOPBACK>/);
    }),

    check("other-user", "the program can be another user of the translation", async (t) => {
      const container = await t.running(
        (c) => {
          mapped(c);
          c.process.user = { uid: 33, gid: 44, additionalGids: [55] };
        },
        ["sh", "-c", "id -u; id -g; echo .; sleep 1000"],
      );
      equal("inside", await container.says("."), "33\n44\n.\n");
      const status = present("status", readText(`/proc/${String(await container.pid())}/status`));
      equal("user outside", statusLine(status, "Uid")?.split(" ")[0], String(outer + 33));
      equal("groups outside", statusLine(status, "Groups"), String(outer + 55));
    }),

    check("devices", "the usual devices work although such a root may not make any", async (t) => {
      const said = await t.shell(
        "echo gone >/dev/null; head -c 4 /dev/zero | wc -c; cat /dev/full | head -c 1 | wc -c",
        mapped,
      );
      equal("bytes of /dev/zero and /dev/full", said.replaceAll(/\s+/g, " "), "4 1");
    }),

    check("untranslated", "a user without translation is refused", async (t) => {
      await t.refuses((c) => {
        mapRoot(c, outer, 10);
        c.process.user.uid = 5000;
      });
    }),

    check("bundle-unchanged", "making the container does not change who owns the bundle's files", async (t) => {
      const container = t.container(["echo", "runs"], mapped);
      chownSync(container.rootfs, 0, 0);
      equal("output", (await container.run()).stdout, "runs\n");
      const owners = readdirSync(container.rootfs).map((name) => statSync(join(container.rootfs, name)).uid);
      holds(
        "all still belong to the machine's root",
        owners.every((uid) => uid === 0),
        owners,
      );
    }),
  ],
};
