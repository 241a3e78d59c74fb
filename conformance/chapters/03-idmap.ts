// Mounts whose files have other owners inside than outside.
import { chownSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Check, check } from "../chapter.js";
import { type Config, type IdMapping, mapRoot, type Mount, setNamespace } from "../config.js";
import { equal } from "../expect.js";
import type { Edit, Trial } from "../trial.js";

/** Owner 0 outside is owner `id` inside. */
const rootIs = (id: number): { uidMappings: IdMapping[]; gidMappings: IdMapping[] } => ({
  uidMappings: [{ containerID: 0, hostID: id, size: 1000 }],
  gidMappings: [{ containerID: 0, hostID: id, size: 1000 }],
});

/** A folder with a file of root's and one of user 7's, bound at /tmp. */
function owned(t: Trial, options: string[], more: Partial<Mount> = {}): { folder: string; edit: Edit } {
  const folder = t.folder("owned", 0o777);
  for (const [name, id] of [
    ["of-root", 0],
    ["of-seven", 7],
  ] as const) {
    writeFileSync(join(folder, name), "");
    chownSync(join(folder, name), id, id);
  }
  const edit = (config: Config) => {
    config.mounts.push({ destination: "/tmp", type: "bind", source: folder, options, ...more });
  };
  return { folder, edit };
}

const owners = "stat -c %u:%g /tmp/of-root /tmp/of-seven";

const inUserNamespace = (edit: Edit) => (config: Config) => {
  mapRoot(config, 100_000);
  edit(config);
};

export const idmapChecks: readonly Check[] = [
  check("idmap-own", "with idmap and mappings, files belong inside to somebody else than outside", async (t) => {
    const { folder, edit } = owned(t, ["bind", "idmap"], rootIs(5000));
    equal("owners", await t.shell(owners, edit), "5000:5000\n5007:5007");
    equal("owner outside", statSync(join(folder, "of-seven")).uid, 7);
  }),

  check("idmap-pieces", "a file without translation belongs to nobody", async (t) => {
    const one = [{ containerID: 7, hostID: 30, size: 1 }];
    const { edit } = owned(t, ["bind", "idmap"], { uidMappings: one, gidMappings: one });
    equal("owners", await t.shell(owners, edit), "65534:65534\n30:30");
  }),

  check("idmap-below", "idmap is for one mount, ridmap for all that are mounted below it as well", async (t) => {
    const see = async (option: string) => {
      const { edit } = owned(t, ["rbind", option], rootIs(5000));
      return t.shell("stat -c %u /tmp/of-root /tmp/below/of-root", edit);
    };
    mkdirSync(join(owned(t, []).folder, "below"));
    t.mount("-t", "tmpfs", "tmpfs", join(t.directory, "owned/below"));
    writeFileSync(join(t.directory, "owned/below/of-root"), "");
    equal("idmap", await see("idmap"), "5000\n0");
    equal("ridmap", await see("ridmap"), "5000\n5000");
  }),

  check("idmap-user", "in a user namespace idmap makes root's files outside belong to root inside", async (t) => {
    const { folder, edit } = owned(t, ["rbind", "idmap"]);
    const said = await t.shell(`${owners}; touch /tmp/made`, inUserNamespace(edit));
    equal("owners", said, "0:0\n7:7");
    equal("owner of a new file, outside", statSync(join(folder, "made")).uid, 0);
  }),

  check("idmap-user-own", "there, too, a mount can have mappings of its own", async (t) => {
    const { edit } = owned(t, ["rbind", "idmap"], rootIs(100_020));
    equal("owners", await t.shell(owners, inUserNamespace(edit)), "20:20\n27:27");
  }),

  check("idmap-joined", "or those of a user namespace that is joined", async (t) => {
    const first = await t.running((c) => {
      mapRoot(c, 100_000);
    });
    const pid = await first.pid();
    const { edit } = owned(t, ["rbind", "idmap"]);
    const said = await t.shell(owners, (c) => {
      setNamespace(c, "user", `/proc/${String(pid)}/ns/user`);
      edit(c);
    });
    equal("owners", said, "0:0\n7:7");
  }),

  check("idmap-new", "a new file system can be mapped like a bound one", async (t) => {
    const said = await t.shell("mkdir /fresh/one && stat -c %u:%g /fresh /fresh/one", (c) => {
      c.root.readonly = false;
      c.mounts.push({
        destination: "/fresh",
        type: "tmpfs",
        source: "tmpfs",
        options: ["idmap", "mode=1777"],
        uidMappings: [{ containerID: 0, hostID: 0, size: 10 }],
        gidMappings: [{ containerID: 0, hostID: 40, size: 10 }],
      });
      // whoever writes needs an id that the mount knows
      c.process.user.gid = 40;
    });
    equal("owners", said, "0:40\n0:40");
  }),

  check("idmap-none", "without mappings and without a user namespace it is refused", async (t) => {
    await t.refuses(owned(t, ["bind", "idmap"]).edit);
  }),

  check("idmap-half", "mappings for users but not for groups are refused", async (t) => {
    await t.refuses(owned(t, ["bind", "idmap"], { uidMappings: rootIs(5000).uidMappings }).edit);
  }),
];
