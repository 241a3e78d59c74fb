// The Rust parts. Each has a link of its own: init without any library, the door as a shared library, tsrun static.
import { existsSync, readFileSync } from "node:fs";
import { run } from "./command.mjs";
import { writeIfChanged } from "./files.mjs";
import { build, dist, native } from "./paths.mjs";

/** `TSRUN_BUILD=quick` is for work on the code: no link-time optimization, only what changed is compiled. */
const chosen = process.env.TSRUN_BUILD === "quick" ? "quick" : "release";

const triples = { x64: "x86_64-unknown-linux-gnu", arm64: "aarch64-unknown-linux-gnu" };
const multiarch = { x64: "x86_64-linux-gnu", arm64: "aarch64-linux-gnu" };

export function buildInit() {
  cargo("build", ["-p", "tsrun-init"], { profile: "release" });
  // The door embeds it from where cargo put it; this copy is for those who look.
  keep(`${native}/target/release/tsrun-init`, `${build}/tsrun-init`, 0o755);
}

export function buildDoor() {
  cargo("rustc", ["-p", "tsrun-door", "--lib", "--crate-type", "cdylib"]);
  keep(`${native}/target/${chosen}/libtsrun.so`, `${dist}/libtsrun.so`, 0o755);
}

/**
 * tsrun is linked with musl instead of glibc, whose start-up executes cpuid dozens of times: on a virtual machine that takes longer than all
 * else that most verbs do. native/engine/src/musl.rs has what is missing then.
 */
export function buildEngine() {
  const triple = triples[process.arch];
  if (triple === undefined) throw new Error(`no target is known for ${process.arch}`);
  const musl = `/usr/lib/${multiarch[process.arch].replace(/gnu$/, "musl")}`;
  const libseccomp = `/usr/lib/${multiarch[process.arch]}/libseccomp.a`;
  need(`${musl}/libc.a`, "musl-dev");
  need(libseccomp, "libseccomp-dev");
  // In a folder of its own: beside Debian's stands glibc, which would be found first.
  keep(libseccomp, `${build}/libseccomp/libseccomp.a`, 0o644);
  const parts = ["rcrt1.o", "crti.o", "libc.a", "crtn.o"].map((part) => `-C link-arg=${musl}/${part}`);
  const env = {
    RUSTFLAGS: `-C target-feature=+crt-static -L native=${musl} -C link-arg=-nostartfiles ${parts.join(" ")}`,
    // Without the link type the executable links, and dies of SIGSEGV before main.
    LIBSECCOMP_LINK_TYPE: "static",
    LIBSECCOMP_LIB_PATH: `${build}/libseccomp`,
    // Lets the C compiler inline the engine's own functions, which position-independent code could otherwise replace.
    [`CFLAGS_${triple.replaceAll("-", "_")}`]: "-fno-semantic-interposition -fvisibility=hidden",
  };
  // An explicit target keeps build scripts and macros dynamic, which crt-static would break.
  cargo("build", ["-p", "tsrun-engine", "--target", triple], { env });
  keep(`${native}/target/${triple}/${chosen}/tsrun`, `${dist}/tsrun`, 0o755);
}

function need(file, packageName) {
  if (!existsSync(file)) throw new Error(`${file} is missing: install ${packageName}, or run tools/setup.sh`);
}

function cargo(command, args, { env, profile = chosen } = {}) {
  run("cargo", [command, "--quiet", "--locked", "--profile", profile, ...args], { cwd: native, env });
}

function keep(from, to, mode) {
  writeIfChanged(to, readFileSync(from), mode);
}
