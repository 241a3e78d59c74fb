//! Processes: the sibling that init goes on in, execve(2), exit.
use crate::memory::StringArray;
use crate::raw::{check, number, syscall};
use core::ffi::CStr;
use rustix::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use rustix::io::Errno;
use rustix::process::Pid;

const SIGCHLD: usize = 17;
const CLONE_PARENT: usize = 0x8000;
const CLONE_PIDFD: usize = 0x1000;

/// Duplicates the single-threaded caller; the child is a child of the caller's parent. 0 in the child, its pid in the caller.
pub fn fork_sibling() -> Result<i32, Errno> {
    // SAFETY: fork semantics with an own copy of the memory, in a program without threads or libc state
    check(unsafe { syscall(number::CLONE, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0) }).map(|pid| pid as i32)
}

/// Duplicates the calling thread: None in the child, which may do nothing but system calls until it executes a program; its pid and
/// a pidfd in the caller.
pub fn fork() -> Result<Option<(Pid, OwnedFd)>, Errno> {
    let mut pidfd: i32 = -1;
    // SAFETY: fork semantics with an own copy of the memory; the kernel writes one i32 to pidfd, where clone(2) has parent_tid
    let pid = check(unsafe { syscall(number::CLONE, CLONE_PIDFD | SIGCHLD, 0, &raw mut pidfd as usize, 0, 0) })?;
    let Some(pid) = Pid::from_raw(pid as i32) else { return Ok(None) };
    // SAFETY: the kernel made this descriptor for us
    Ok(Some((pid, unsafe { OwnedFd::from_raw_fd(pidfd) })))
}

/// execve(2). Returns only on failure.
pub fn execute(path: &CStr, args: &StringArray<'_>, env: &StringArray<'_>) -> Errno {
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

/// The wait status of the process behind a pidfd, once it was reaped (PIDFD_GET_INFO, Linux 6.15); None before, and where the kernel
/// does not know.
#[must_use]
pub fn reaped_status(pidfd: BorrowedFd<'_>) -> Option<i32> {
    const PIDFD_GET_INFO: usize = 3 << 30 | 64 << 16 | 0xff << 8 | 11;
    const PIDFD_INFO_EXIT: u64 = 8;
    // struct pidfd_info of linux/pidfd.h in its first size: the mask comes first, the status last
    let mut info = [PIDFD_INFO_EXIT, 0, 0, 0, 0, 0, 0, 0];
    // SAFETY: info is writable for the 64 bytes that the number of the call promises
    let answer =
        unsafe { syscall(number::IOCTL, pidfd.as_raw_fd() as usize, PIDFD_GET_INFO, info.as_mut_ptr() as usize, 0, 0) };
    (answer == 0 && info[0] & PIDFD_INFO_EXIT != 0).then(|| (info[7] >> 32) as i32)
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
