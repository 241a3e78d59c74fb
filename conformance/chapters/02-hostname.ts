import { hostname } from "node:os";
import { type Chapter, check } from "../chapter.js";
import { equal } from "../expect.js";
import { grant, withoutNamespace } from "../config.js";

export const names: Chapter = {
  name: "hostname",
  title: "Hostname",
  about: "a container has a name of its own (uts namespace)",
  checks: [
    check("own", "the program sees the configured name; the machine keeps its own", async (t) => {
      const before = hostname();
      equal("name inside", await t.shell("hostname", (c) => (c.hostname = "inner-name")), "inner-name");
      equal("name outside", hostname(), before);
    }),

    check("changed-inside", "a name changed inside is not seen outside", async (t) => {
      const before = hostname();
      const said = await t.shell("hostname other && hostname", (c) => {
        grant(c, "CAP_SYS_ADMIN");
      });
      equal("name inside", said, "other");
      equal("name outside", hostname(), before);
    }),

    check("none-asked", "without a configured name the machine's name is kept", async (t) => {
      const said = await t.shell("hostname", (c) => {
        delete c.hostname;
      });
      equal("name inside", said, hostname());
    }),

    check(
      "not-alone",
      "a name without a uts namespace of its own is refused: it would rename the machine",
      async (t) => {
        const before = hostname();
        await t.refuses((c) => {
          withoutNamespace(c, "uts");
        });
        equal("name outside", hostname(), before);
      },
    ),

    check("domain", "a NIS domain name can be configured too", async (t) => {
      const said = await t.shell("cat /proc/sys/kernel/domainname", (c) => (c.domainname = "inner.domain"));
      equal("domain name inside", said, "inner.domain");
    }),
  ],
};
