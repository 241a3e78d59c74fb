import { type Chapter, check } from "../chapter.js";
import { setNamespace } from "../config.js";
import { between, differs, equal } from "../expect.js";
import { namespaceOf } from "../host.js";
import type { Trial } from "../trial.js";

/** Seconds of the clocks that time namespaces shift: monotonic, and since boot. */
function clocks(text: string): [number, number] {
  const [monotonic = "", boot = ""] = text.split(" ");
  return [Number(monotonic), Number(boot)];
}

const outside = (t: Trial): [number, number] => clocks(t.outside(t.probe, "clock"));

export const time: Chapter = {
  name: "time",
  title: "Time namespace",
  about: "a container can have clocks of its own: those that count from some start, not the time of day",
  checks: [
    check("own-namespace", "its time namespace is another one than the machine's", async (t) => {
      const container = await t.running((c) => {
        setNamespace(c, "time");
      });
      differs("namespace", namespaceOf(await container.pid(), "time"), namespaceOf("self", "time"));
    }),

    check("offsets", "its clocks run ahead of the machine's by what was asked", async (t) => {
      const said = await t.inside(["probe", "clock"], (c) => {
        setNamespace(c, "time");
        c.linux.timeOffsets = { monotonic: { secs: 5000, nanosecs: 0 }, boottime: { secs: 1_000_000 } };
      });
      const [[monotonic, boot], [hostMonotonic, hostBoot]] = [clocks(said), outside(t)];
      between("monotonic clock ahead by seconds", monotonic - hostMonotonic, 4980, 5001);
      between("boot clock ahead by seconds", boot - hostBoot, 999_980, 1_000_001);
    }),

    check("uptime", "the container's uptime follows its own clock", async (t) => {
      const said = await t.shell("cut -d. -f1 /proc/uptime", (c) => {
        setNamespace(c, "time");
        c.linux.timeOffsets = { boottime: { secs: 2_000_000 } };
      });
      between("uptime ahead by seconds", Number(said) - outside(t)[1], 1_999_980, 2_000_001);
    }),

    check("no-offsets", "without offsets its clocks show the same as outside", async (t) => {
      const said = await t.inside(["probe", "clock"], (c) => {
        setNamespace(c, "time");
      });
      between("seconds between the clocks", clocks(said)[1] - outside(t)[1], -20, 1);
    }),

    check("shared", "without a time namespace it uses the machine's", async (t) => {
      equal("namespace", await t.inside(["readlink", "/proc/self/ns/time"]), namespaceOf("self", "time"));
    }),

    check("offsets-alone", "offsets without a time namespace of its own are refused", async (t) => {
      await t.refuses((c) => (c.linux.timeOffsets = { boottime: { secs: 10 } }));
    }),
  ],
};
