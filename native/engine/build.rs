//! Compiles the bundled core (`build/embedded/*.js`, made by `node tools/build.mjs bundle`) to QuickJS bytecode.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use rquickjs::{CatchResultExt, Context, Module, Runtime, WriteOptions, WriteOptionsEndianness};

fn main() -> Result<(), Box<dyn Error>> {
    let bundle = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../build/embedded");
    println!("cargo::rerun-if-changed={}", bundle.display());
    let sources =
        sources(&bundle).map_err(|e| format!("{}: {e}: make it by `node tools/build.mjs bundle`", bundle.display()))?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let context = Context::full(&Runtime::new()?)?;

    let mut table = String::from("pub static CHUNKS: &[(&str, &[u8])] = &[\n");
    for source in sources {
        let name = source.file_name().and_then(|n| n.to_str()).ok_or("a chunk without a name")?;
        let bytecode = out.join(name).with_extension("bytecode");
        fs::write(&bytecode, compile(&context, name, &fs::read_to_string(&source)?)?)?;
        writeln!(table, "    ({name:?}, include_bytes!({bytecode:?})),")?;
    }
    table.push_str("];\n");
    fs::write(out.join("chunks.rs"), table)?;
    Ok(())
}

/// The chunks, sorted by name: the run-time table is searched by bisection.
fn sources(bundle: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(bundle)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "js") {
            found.push(path);
        }
    }
    if found.is_empty() {
        return Err(std::io::Error::other("no *.js in it"));
    }
    found.sort();
    Ok(found)
}

/// Bytecode of one ES module; the imports are resolved when it is loaded, by the same names.
fn compile(context: &Context, name: &str, source: &str) -> Result<Vec<u8>, String> {
    context.with(|ctx| {
        let module = Module::declare(ctx.clone(), name, source).catch(&ctx).map_err(|e| format!("{name}: {e}"))?;
        let options = WriteOptions {
            endianness: WriteOptionsEndianness::Little,
            strip_source: true,
            strip_debug: true,
            ..WriteOptions::default()
        };
        module.write(options).catch(&ctx).map_err(|e| format!("{name}: {e}"))
    })
}
