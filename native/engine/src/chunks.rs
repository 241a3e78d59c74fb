//! The core's bytecode: chunks by name, each read only when something imports it.

use rquickjs::loader::{ImportAttributes, Loader, Resolver};
use rquickjs::module::Declared;
use rquickjs::{Ctx, Error, Module, Result};

mod table {
    include!(concat!(env!("OUT_DIR"), "/chunks.rs"));
}

/// Finds chunks in the table, and nowhere else: no file is ever imported.
pub struct Chunks;

impl Resolver for Chunks {
    fn resolve<'js>(
        &mut self,
        _ctx: &Ctx<'js>,
        _base: &str,
        name: &str,
        _attributes: Option<ImportAttributes<'js>>,
    ) -> Result<String> {
        Ok(name.strip_prefix("./").unwrap_or(name).to_owned())
    }
}

impl Loader for Chunks {
    fn load<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        name: &str,
        _attributes: Option<ImportAttributes<'js>>,
    ) -> Result<Module<'js, Declared>> {
        let found = table::CHUNKS.binary_search_by_key(&name, |chunk| chunk.0);
        let index = found.map_err(|_| Error::new_loading(name))?;
        bytecode::load(ctx, index)
    }
}

#[allow(unsafe_code)]
mod bytecode {
    use super::{Ctx, Declared, Module, Result, table};

    pub fn load<'js>(ctx: &Ctx<'js>, index: usize) -> Result<Module<'js, Declared>> {
        // SAFETY: the engine trusts bytecode blindly; these bytes were written by build.rs with the same engine.
        unsafe { Module::load(ctx.clone(), table::CHUNKS[index].1) }
    }
}
