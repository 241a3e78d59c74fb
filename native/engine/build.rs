//! Compiles the bundled core (`build/embedded/*.js`, made by `node tools/build.mjs bundle`) to QuickJS bytecode.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use rquickjs::loader::{ImportAttributes, Loader, Resolver};
use rquickjs::module::Declared;
use rquickjs::{CatchResultExt, Context, Ctx, Module, Runtime, WriteOptions, WriteOptionsEndianness};

/// Read when it runs: a target folder may have been copied from another checkout.
fn bundle() -> PathBuf {
    env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default().join("../../build/embedded")
}

fn main() -> Result<(), Box<dyn Error>> {
    let bundle = bundle();
    println!("cargo::rerun-if-changed={}", bundle.display());
    let sources =
        sources(&bundle).map_err(|e| format!("{}: {e}: make it by `node tools/build.mjs bundle`", bundle.display()))?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let runtime = Runtime::new()?;
    runtime.set_loader(Bundle, Bundle);
    let context = Context::full(&runtime)?;

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

/// Imports between chunks: the compiler wants to see that what is imported is exported.
struct Bundle;

impl Resolver for Bundle {
    fn resolve<'js>(
        &mut self,
        _ctx: &Ctx<'js>,
        _base: &str,
        name: &str,
        _attributes: Option<ImportAttributes<'js>>,
    ) -> rquickjs::Result<String> {
        Ok(name.trim_start_matches("./").to_owned())
    }
}

impl Loader for Bundle {
    fn load<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        name: &str,
        _attributes: Option<ImportAttributes<'js>>,
    ) -> rquickjs::Result<Module<'js, Declared>> {
        Module::declare(ctx.clone(), name, fs::read_to_string(bundle().join(name))?)
    }
}

/// Bytecode of one ES module; its imports are resolved anew when it is loaded, by the same names.
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
