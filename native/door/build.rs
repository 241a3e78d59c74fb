//! Tells the library where the built init is, which it carries inside.
use std::path::PathBuf;

fn main() {
    println!("cargo:rerun-if-env-changed=TSRUN_INIT");
    // read when it runs: a target folder may have been copied from another checkout
    let crate_folder = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
    let init =
        std::env::var_os("TSRUN_INIT").map_or_else(|| crate_folder.join("../target/release/tsrun-init"), PathBuf::from);
    println!("cargo:rerun-if-changed={}", init.display());
    assert!(
        init.is_file(),
        "{} is missing: build tsrun-init first (cargo build --release -p tsrun-init)",
        init.display()
    );
    println!("cargo:rustc-env=TSRUN_INIT={}", init.display());
}
