//! Runs the core: its entry chunk exports `main(): Promise<number>`, the exit status.

use std::mem::ManuallyDrop;

use rquickjs::context::intrinsic;
use rquickjs::{
    CatchResultExt as _, CaughtError, Context, Ctx, Exception, Function, Module, Object, Promise, Result, Runtime,
};

use crate::chunks::Chunks;

/// What the core uses of the language's library; each costs start-up time.
type Intrinsics = (intrinsic::RegExp, intrinsic::Json, intrinsic::MapSet, intrinsic::Promise);

const ENTRY: &str = "main.js";

/// Answers the exit status of the core's `main`, or the text of the exception it ended with.
pub fn run() -> std::result::Result<i32, String> {
    let (_runtime, context) = engine().map_err(|e| e.to_string())?;
    context.with(|ctx| main(&ctx).catch(&ctx).map_err(|error| describe(&error)))
}

fn engine() -> Result<(ManuallyDrop<Runtime>, ManuallyDrop<Context>)> {
    let runtime = Runtime::new()?;
    // The process lives for milliseconds: reference counts free most garbage, cycles may stay.
    runtime.set_gc_threshold(usize::MAX);
    runtime.set_loader(Chunks, Chunks);
    let context = Context::custom::<Intrinsics>(&runtime)?;
    Ok((ManuallyDrop::new(runtime), ManuallyDrop::new(context)))
}

fn main(ctx: &Ctx<'_>) -> Result<i32> {
    ctx.globals().set("__door", Function::new(ctx.clone(), door)?)?;
    ctx.globals().set("__import", Function::new(ctx.clone(), import)?)?;
    let core: Object = Module::import(ctx, ENTRY)?.finish()?;
    let main: Function = core.get("main")?;
    main.call::<_, Promise>(())?.finish()
}

fn door(ctx: Ctx<'_>, request: String) -> Result<String> {
    String::from_utf8(tsrun::call(request.as_bytes()))
        .map_err(|_| Exception::throw_message(&ctx, "the door's reply is not UTF-8"))
}

/// What `import()` is called in the chunks: the engine's own asks for the importer's file name, which is debug
/// information, and bytecode without that loads a tenth faster.
fn import<'js>(ctx: Ctx<'js>, name: String) -> Result<Promise<'js>> {
    Module::import(&ctx, name)
}

fn describe(error: &CaughtError) -> String {
    match error {
        CaughtError::Exception(exception) => {
            exception.message().unwrap_or_else(|| "exception without a message".into())
        }
        CaughtError::Value(value) => format!("{value:?} was thrown"),
        CaughtError::Error(error) => error.to_string(),
    }
}
