//! Hooks of config.json that run in the runtime's namespaces (runtime-spec, "POSIX-platform Hooks").
use crate::failure::Trouble;
use crate::init::one_line;
use rustix::io::Errno;
use std::ffi::CString;
use tsrun_plan::owned::outside::Hook;
use tsrun_sys::hook;
use tsrun_sys::memory::StringArray;
use tsrun_sys::words::Words;

pub fn run(op: &Hook, state: &str) -> Result<(), Trouble> {
    let text = |text: &String| CString::new(text.as_str()).map_err(|_| Errno::INVAL);
    let texts = |list: &Vec<String>| list.iter().map(text).collect::<Result<Vec<_>, _>>();
    let (path, directory, args, env) = (text(&op.path)?, text(&op.directory)?, texts(&op.args)?, texts(&op.env)?);
    let (args, env) = (array(&args)?, array(&env)?);
    let wanted = hook::Hook { path: &path, args: &args, env: &env, directory: &directory, timeout: op.timeout };
    let mut words = Words::new();
    hook::run(&wanted, [state.as_bytes(), b""], &mut words)
        .map_err(|errno| Trouble::Detail(errno, one_line(words.bytes())))
}

fn array(texts: &[CString]) -> Result<StringArray<'_>, Errno> {
    let mut array = StringArray::with_capacity(texts.len())?;
    texts.iter().try_for_each(|text| array.push(text))?;
    Ok(array)
}
