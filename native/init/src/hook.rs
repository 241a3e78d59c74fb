//! Hooks that run in the container's namespaces (runtime-spec, "POSIX-platform Hooks").
use crate::Init;
use crate::program::array;
use core::ffi::CStr;
use tsrun_plan::wire::Texts;
use tsrun_sys::rustix::fs::Mode;
use tsrun_sys::words::Words;
use tsrun_sys::{Errno, Result, hook, rustix, security};

/// A hook as the plan has it.
pub struct Hook {
    pub path: &'static CStr,
    pub args: Texts<'static>,
    pub env: Texts<'static>,
    /// Its environment is the program's, not env.
    pub program_env: bool,
    pub directory: &'static CStr,
    pub timeout: u32,
    /// A JSON object; the pid, as seen in here, is appended.
    pub state: &'static CStr,
}

impl Init {
    pub fn run_hook(&mut self, hook: &Hook) -> Result<()> {
        let args = array(hook.args, None)?;
        let own = array(hook.env, None)?;
        let env = if hook.program_env { self.program.env.as_ref().ok_or(Errno::INVAL)? } else { &own };
        let state = hook.state.to_bytes().strip_suffix(b"}").ok_or(Errno::INVAL)?;
        let mut rest = Words::new();
        rest.push(b",\"pid\":").push_number(rustix::process::getpid().as_raw_pid().cast_unsigned()).push(b"}");
        let Hook { path, directory, timeout, .. } = *hook;
        // until the program's is set, init has none, which is not for others
        let own = rustix::process::umask(Mode::from_raw_mode(0o022));
        if !own.is_empty() {
            rustix::process::umask(own);
        }
        security::ignore_broken_pipes();
        let hook = hook::Hook { path, args: &args, env, directory, timeout };
        let outcome = hook::run(&hook, [state, rest.bytes()], &mut self.words);
        security::heed_broken_pipes();
        rustix::process::umask(own);
        outcome
    }
}
