//! Processes: the sibling that init goes on in, execve(2), exit.
use crate::memory::StringArray;
use crate::raw::{check, number, syscall};
use core::ffi::CStr;
use rustix::fd::{AsRawFd, BorrowedFd};
use rustix::io::Errno;

const SIGCHLD: usize = 17;
const CLONE_PARENT: usize = 0x8000;

/// Duplicates the single-threaded caller; the child is a child of the caller's parent. 0 in the child, its pid in the caller.
pub fn fork_sibling() -> Result<i32, Errno> {
    // SAFETY: fork semantics with an own copy of the memory, in a program without threads or libc state
    check(unsafe { syscall(number::CLONE, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0) }).map(|pid| pid as i32)
}

/// execve(2). Returns only on failure.
pub fn execute(path: &CStr, args: &StringArray, env: &StringArray) -> Errno {
    // SAFETY: a NUL-terminated path and NULL-terminated arrays of strings that live as long as the process
    let result =
        unsafe { syscall(number::EXECVE, path.as_ptr() as usize, args.as_ptr() as usize, env.as_ptr() as usize, 0, 0) };
    check(result).err().unwrap_or(Errno::INVAL)
}

pub fn exit(code: i32) -> ! {
    loop {
        // SAFETY: does not return
        unsafe { syscall(number::EXIT_GROUP, code as usize, 0, 0, 0, 0) };
    }
}

/// pidfd_send_signal(2) with any signal number from 0 to 64.
pub fn send_signal(pidfd: BorrowedFd<'_>, signal: u32) -> Result<(), Errno> {
    // SAFETY: no siginfo, no flags
    check(unsafe {
        syscall(crate::raw::common_number::PIDFD_SEND_SIGNAL, pidfd.as_raw_fd() as usize, signal as usize, 0, 0, 0)
    })
    .map(drop)
}

/// Reads the parent-death signal that is armed back, or arms one (0: none).
pub fn set_parent_death_signal(signal: u32) -> Result<(), Errno> {
    const PR_SET_PDEATHSIG: usize = 1;
    // SAFETY: no pointers
    check(unsafe { syscall(number::PRCTL, PR_SET_PDEATHSIG, signal as usize, 0, 0, 0) }).map(drop)
}

/// personality(2), PER_*; the caller's flags (setarch(8)) go with it.
pub fn set_personality(persona: u32) -> Result<(), Errno> {
    // SAFETY: no pointers
    check(unsafe { syscall(number::PERSONALITY, persona as usize, 0, 0, 0, 0) }).map(drop)
}

/// getcwd(2) without a libc's opinion: outside the root the text begins with "(unreachable)".
pub fn current_directory(buffer: &mut [u8]) -> Result<&[u8], Errno> {
    // SAFETY: buffer is writable for its length
    let length = check(unsafe { syscall(number::GETCWD, buffer.as_mut_ptr() as usize, buffer.len(), 0, 0, 0) })?;
    Ok(&buffer[..length.saturating_sub(1)])
}
