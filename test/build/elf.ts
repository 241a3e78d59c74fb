import { execFileSync } from "node:child_process";

export interface Elf {
  /** The program that the kernel would start instead (PT_INTERP). */
  readonly interpreter: boolean;
  /** Shared libraries that have to be there (DT_NEEDED). */
  readonly needed: readonly string[];
  /** Memory that is writable and executable, and a stack that is executable, are counted. */
  readonly writableCode: number;
}

/** What an ELF file asks of the system that runs it. */
export function readElf(path: string): Elf {
  const text = execFileSync("readelf", ["--wide", "--segments", "--dynamic", path], { encoding: "utf8" });
  const lines = text.split("\n").map((line) => line.trim());
  const segments = lines.filter((line) => /^(LOAD|GNU_STACK) /.test(line));
  return {
    interpreter: lines.some((line) => line.startsWith("INTERP")),
    needed: lines.flatMap((line) => /\(NEEDED\).*\[(.+)\]/.exec(line)?.slice(1) ?? []),
    writableCode: segments.filter((line) => line.includes(" RWE ")).length,
  };
}
