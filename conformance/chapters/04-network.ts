import { connect } from "node:net";
import { type Chapter, check } from "../chapter.js";
import { grant, setNamespace, withoutNamespace } from "../config.js";
import { differs, equal, matches } from "../expect.js";
import { namespaceOf, readText } from "../host.js";

/** Whether something listens at this port of the machine's own 127.0.0.1. */
async function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => {
      resolve(false);
    });
  });
}

export const network: Chapter = {
  name: "network",
  title: "Network",
  about: "a new network has no cable: only the loopback device `lo`, up and ready",
  checks: [
    check("only-lo", "a new network holds only lo", async (t) => {
      const script = "sed -n 's/^ *\\([a-z0-9]*\\):.*/\\1/p' /proc/net/dev; ls /sys/class/net";
      equal("devices in /proc/net/dev and /sys", await t.shell(script), "lo\nlo");
    }),

    check("lo-up", "lo is up and has the address 127.0.0.1", async (t) => {
      const said = await t.shell("ip addr show lo");
      matches("flags", said, /<LOOPBACK,UP/);
      matches("address", said, /inet 127\.0\.0\.1\/8/);
    }),

    check("lo-works", "a program inside reaches another one inside through lo", async (t) => {
      // the client keeps its input open: busybox's server leaves at once when the client has nothing more to say
      const client = "sleep 0.3 | nc 127.0.0.1 4000 2>/dev/null | grep . && break";
      const script = `echo hello | nc -l -p 4000 >/dev/null & for i in 1 2 3 4 5; do ${client}; done`;
      equal("what the server sent", await t.shell(script), "hello");
    }),

    check("unreachable", "a server inside cannot be reached from outside", async (t) => {
      const container = await t.running(undefined, ["sh", "-c", "nc -l -p 4001 & echo ready; wait"]);
      await container.says("ready");
      equal("127.0.0.1:4001 answers outside", await answers(4001), false);
    }),

    check("own-namespace", "its network namespace is another one than the machine's", async (t) => {
      const container = await t.running();
      differs("namespace", namespaceOf(await container.pid(), "net"), namespaceOf("self", "net"));
    }),

    check("shared", "without a network namespace of its own it uses the machine's", async (t) => {
      const said = await t.shell("readlink /proc/self/ns/net", (c) => {
        withoutNamespace(c, "network");
        // a sysfs shows the network of whoever mounts it, and only its owner may mount one
        c.mounts = c.mounts.filter(({ destination }) => !destination.startsWith("/sys"));
        c.linux.maskedPaths = c.linux.maskedPaths.filter((path) => !path.startsWith("/sys"));
      });
      equal("namespace", said, namespaceOf("self", "net"));
    }),

    check("sysctl", "a setting of the network holds inside and not outside", async (t) => {
      const file = "/proc/sys/net/ipv4/ip_default_ttl";
      const before = readText(file);
      const said = await t.shell(`cat ${file}`, (c) => (c.linux.sysctl = { "net.ipv4.ip_default_ttl": "77" }));
      equal("inside", said, "77");
      equal("outside", readText(file), before);
    }),

    check("sysctl-host", "a setting of the machine's own network is refused", async (t) => {
      const before = readText("/proc/sys/net/ipv4/ip_default_ttl");
      await t.refuses((c) => {
        withoutNamespace(c, "network");
        c.linux.sysctl = { "net.ipv4.ip_default_ttl": "77" };
      });
      equal("outside", readText("/proc/sys/net/ipv4/ip_default_ttl"), before);
    }),

    check("admin", "with CAP_NET_ADMIN root inside arranges its own network", async (t) => {
      const said = await t.shell("ip link set lo down; ip addr show lo", (c) => {
        grant(c, "CAP_NET_ADMIN");
        setNamespace(c, "network");
      });
      matches("flags", said, /<LOOPBACK>/);
      matches("outside", t.outside("ip", "link", "show", "lo"), /LOOPBACK/);
    }),
  ],
};
