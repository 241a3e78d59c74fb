import { type Chapter, check } from "../chapter.js";
import type { Capabilities, Config } from "../config.js";
import { equal, matches, present } from "../expect.js";
import { statusLine } from "../host.js";
import type { Trial } from "../trial.js";

/** Numbers of the kernel's capabilities that the checks use (linux/capability.h). */
const bit: Record<string, number> = {
  CAP_CHOWN: 0,
  CAP_KILL: 5,
  CAP_SETUID: 7,
  CAP_NET_BIND_SERVICE: 10,
  CAP_NET_RAW: 13,
  CAP_SYS_ADMIN: 21,
  CAP_AUDIT_WRITE: 29,
  CAP_SYSLOG: 34,
};

function mask(names: readonly string[]): string {
  const bits = names.reduce((sum, name) => sum | (1n << BigInt(present(name, bit[name]))), 0n);
  return bits.toString(16).padStart(16, "0");
}

interface Sets {
  bounding: string;
  permitted: string;
  effective: string;
  inheritable: string;
  ambient: string;
}

/** The five sets of a program that does nothing but look, as the kernel prints them. */
async function sets(t: Trial, edit: (config: Config) => void): Promise<Sets> {
  const text = await t.inside(["cat", "/proc/self/status"], edit);
  const line = (key: string): string => present(key, statusLine(text, key));
  return {
    bounding: line("CapBnd"),
    permitted: line("CapPrm"),
    effective: line("CapEff"),
    inheritable: line("CapInh"),
    ambient: line("CapAmb"),
  };
}

const give = (capabilities: Capabilities, uid = 0) => {
  return (config: Config): void => {
    config.process.capabilities = capabilities;
    config.process.user = { uid, gid: uid };
  };
};

const none = mask([]);

export const capabilities: Chapter = {
  name: "capabilities",
  title: "Capabilities",
  about: "root's power is divided into capabilities; a container gets the ones that were asked, in five sets",
  checks: [
    check("exact", "the sets are exactly the ones that were asked", async (t) => {
      const [bounding, few] = [
        ["CAP_KILL", "CAP_CHOWN", "CAP_SYSLOG", "CAP_NET_RAW"],
        ["CAP_KILL", "CAP_SYSLOG"],
      ];
      const found = await sets(t, give({ bounding, permitted: few, effective: few }));
      const expected = { bounding: mask(bounding), permitted: mask(few), effective: mask(few) };
      equal("sets", found, { ...expected, inheritable: none, ambient: none });
    }),

    check("none", "empty sets leave even root without any power", async (t) => {
      const empty = { bounding: [], permitted: [], effective: [], inheritable: [], ambient: [] };
      const found = await sets(t, give(empty));
      equal("sets", Object.values(found), [none, none, none, none, none]);
    }),

    check("absent", "what was not asked is not given: no capabilities in the configuration means none", async (t) => {
      const found = await sets(t, (c) => {
        delete c.process.capabilities;
      });
      equal("sets", Object.values(found), [none, none, none, none, none]);
    }),

    check("user-loses", "an ordinary user has none of them, whatever the other sets say", async (t) => {
      const names = ["CAP_KILL", "CAP_CHOWN"];
      const found = await sets(t, give({ bounding: names, permitted: names, effective: names }, 1000));
      equal("sets", found, {
        bounding: mask(names),
        permitted: none,
        effective: none,
        inheritable: none,
        ambient: none,
      });
    }),

    check("ambient", "ambient capabilities are what an ordinary user keeps", async (t) => {
      const [all, kept] = [["CAP_NET_BIND_SERVICE", "CAP_KILL"], ["CAP_NET_BIND_SERVICE"]];
      const found = await sets(
        t,
        give({ bounding: all, permitted: all, effective: all, inheritable: kept, ambient: kept }, 1000),
      );
      const mine = mask(kept);
      equal("sets", found, { bounding: mask(all), permitted: mine, effective: mine, inheritable: mine, ambient: mine });
    }),

    check("inheritable", "no capability is inheritable unless it was asked", async (t) => {
      const names = ["CAP_KILL"];
      equal(
        "inheritable set",
        (await sets(t, give({ bounding: names, permitted: names, effective: names }))).inheritable,
        none,
      );
      const asked = await sets(t, give({ bounding: names, permitted: names, effective: names, inheritable: names }));
      equal("inheritable set when asked", asked.inheritable, mask(names));
    }),

    check("chown", "without CAP_CHOWN root cannot give a file away, with it root can", async (t) => {
      const attempt = async (names: string[]) =>
        t.shell("touch /tmp/f; chown 12 /tmp/f 2>/dev/null; stat -c %u /tmp/f", (c) => {
          c.root.readonly = false;
          c.process.capabilities = { bounding: names, permitted: names, effective: names };
        });
      equal("owner without", await attempt([]), "0");
      equal("owner with", await attempt(["CAP_CHOWN"]), "12");
    }),

    check("no-mount", "with the usual capabilities nothing can be mounted", async (t) => {
      matches(
        "mount",
        await t.shell("mount -t tmpfs tmpfs /tmp 2>&1 || true"),
        /ermission denied|not permitted|must be superuser/,
      );
    }),

    check("setuid-file", "with noNewPrivileges a set-user-id program gives nobody more power", async (t) => {
      const attempt = async (noNewPrivileges: boolean) =>
        t.shell("cat /bin/probe >/tmp/p; chmod 4755 /tmp/p; probe drop 1000 /tmp/p user", (c) => {
          const names = ["CAP_SETUID"];
          c.root.readonly = false;
          c.process.noNewPrivileges = noNewPrivileges;
          c.process.capabilities = { bounding: names, permitted: names, effective: names };
        });
      equal("effective user with it", await attempt(true), "1000");
      equal("effective user without it", await attempt(false), "0");
    }),
  ],
};
