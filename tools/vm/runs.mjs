// What is judged in the machines. A run is a runtime with its driver; those with the same layout share a machine.

/** Chapters whose result depends on how cgroups are laid out and who drives them. */
const chapters = ["cgroups", "cpu", "memory", "pids", "devices"];

const layouts = { v2: ["cgroupfs", "systemd"], hybrid: ["cgroupfs", "systemd"] };
const runtimes = { tsrun: "/opt/payload/dist/tsrun", runc: "/usr/sbin/runc", crun: "/usr/bin/crun" };

/** `name` is layout, driver and runtime: `v2-systemd-tsrun`. */
export const runs = Object.entries(layouts).flatMap(([layout, drivers]) =>
  drivers.flatMap((driver) =>
    Object.entries(runtimes).map(([runtime, program]) => ({
      name: `${layout}-${driver}-${runtime}`,
      layout,
      command: conformance(program, driver),
    })),
  ),
);

function conformance(program, driver) {
  const words = [
    "node conformance/run.mjs --probe conformance/probe --sandbox none --jobs 2 --patience 120 --runtime",
    program,
  ];
  for (const chapter of chapters) words.push("--chapter", chapter);
  if (driver === "systemd") words.push("--systemd");
  return words.join(" ");
}
