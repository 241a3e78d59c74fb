//! `tsrun`: the core as bytecode, an engine for it, and the door, in one static executable.
//!
//! Start-up is the product. No runtime of Rust's standard library comes before [`main`]: it would ignore SIGPIPE, which
//! containers would inherit, and set up a signal stack that nobody needs. Nothing is freed at the end either.
#![no_main]

mod chunks;
mod core_run;
mod heap;
mod musl;

use std::ffi::CStr;
use std::io::Write as _;
use std::process::exit;

#[global_allocator]
static HEAP: heap::Heap = heap::Heap::new();

#[allow(unsafe_code)]
mod start {
    use core::ffi::{CStr, c_char, c_int};

    /// Called by the C library. SAFETY of the exported name: no other object defines `main`.
    #[unsafe(no_mangle)]
    extern "C" fn main(count: c_int, arguments: *const *const c_char) -> c_int {
        let arguments = (0..usize::try_from(count).unwrap_or(0))
            // SAFETY: as the C library promises, count strings that live as long as the process
            .map(|index| unsafe { CStr::from_ptr(*arguments.add(index)) })
            .collect();
        super::main(arguments)
    }
}

fn main(arguments: Vec<&'static CStr>) -> ! {
    tsrun::began();
    let _ = tsrun::ARGUMENTS.set(arguments);
    // Before any file is opened. In a root without /dev/null the numbers stay free, for everybody.
    let _ = tsrun_sys::descriptor::occupy_standard();
    std::panic::set_hook(Box::new(|panic| fail(&panic.to_string())));
    match core_run::run() {
        Ok(status) => exit(status),
        Err(message) => fail(&message),
    }
}

/// Reports what is a fault of the program itself, on one line.
fn fail(message: &str) -> ! {
    let line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    // If stderr is closed there is nobody left to tell.
    let _ = writeln!(std::io::stderr(), "tsrun: internal error: {line}");
    exit(1)
}
