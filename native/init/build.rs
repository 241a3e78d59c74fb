//! init is linked without libc: its own _start, nothing shared, not position-independent (no relocations at start).
fn main() {
    for argument in [
        "-nostartfiles", "-nostdlib", "-static", "-no-pie", "-Wl,--build-id=none", "-Wl,-z,norelro",
        "-Wl,--gc-sections", "-Wl,--strip-all",
    ] {
        println!("cargo:rustc-link-arg-bins={argument}");
    }
}
