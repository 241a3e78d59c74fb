//! Links init without a C library: its own `_start`, no interpreter, no start-up code that runs before it.

fn main() {
    for argument in ["-nostartfiles", "-nostdlib", "-static", "-no-pie", "-Wl,--build-id=none", "-Wl,-z,norelro"] {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
}
