/**
 * What has to be written to a cgroup file for it to say again what it said before `values` were written. Files of several lines, one for
 * each device, take one line a write; a line that was not there is taken back by the device's value for no limit.
 */
export function restoringValues(file: string, before: string, values: readonly string[]): readonly string[] {
  const lines = before.split("\n").filter((line) => line !== "");
  // "oom_kill_disable 0", and what cannot be written
  if (file === "memory.oom_control") return [lines[0]?.split(" ")[1] ?? "0"];
  const added = values.filter(
    (value) => isForDevice(value) && !lines.some((line) => deviceOf(line) === deviceOf(value)),
  );
  // a write of nothing would be none
  if (lines.length === 0 && added.length === 0) return ["\n"];
  return [...added.map((value) => `${deviceOf(value)} ${noLimit(file)}`), ...lines];
}

const deviceOf = (line: string): string => line.split(" ")[0] ?? "";

const isForDevice = (value: string): boolean => /^[0-9]+:[0-9]+ /.test(value);

function noLimit(file: string): string {
  if (file === "io.max") return "rbps=max wbps=max riops=max wiops=max";
  return file.includes("throttle") ? "0" : "default";
}
