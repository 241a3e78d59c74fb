//! seccomp(2), keyctl(2), supplementary groups and signal dispositions.
use crate::raw::{check, number, syscall};
use core::ffi::CStr;
use rustix::fd::{FromRawFd, OwnedFd};
use rustix::io::Errno;

/// Loads a filter: an array of struct sock_filter (8 bytes each), with SECCOMP_FILTER_FLAG_* flags. Among these, NEW_LISTENER asks for
/// a descriptor on which the kernel hands over system calls; it is close-on-exec.
pub fn load_filter(program: &[u8], flags: u32) -> Result<Option<OwnedFd>, Errno> {
    const NEW_LISTENER: u32 = 8;
    const SECCOMP_SET_MODE_FILTER: usize = 1;
    /// struct sock_fprog of linux/filter.h.
    #[repr(C)]
    struct Program {
        length: u16,
        filter: *const u8,
    }
    if program.is_empty() || !program.len().is_multiple_of(8) || program.len() / 8 > 4096 {
        return Err(Errno::INVAL);
    }
    let fprog = Program { length: (program.len() / 8) as u16, filter: program.as_ptr() };
    let arguments = [SECCOMP_SET_MODE_FILTER, flags as usize, &raw const fprog as usize];
    // SAFETY: fprog describes program, and the kernel copies both
    let listener = check(unsafe { syscall(number::SECCOMP, arguments[0], arguments[1], arguments[2], 0, 0) })?;
    // SAFETY: with this flag the kernel answers with a new descriptor, which nobody else owns
    Ok((flags & NEW_LISTENER != 0).then(|| unsafe { OwnedFd::from_raw_fd(listener as i32) }))
}

/// Joins a new session keyring of this name and lets its owner (the container's root) search it.
pub fn join_session_keyring(name: &CStr) -> Result<(), Errno> {
    const KEYCTL_JOIN_SESSION_KEYRING: usize = 1;
    const KEYCTL_SETPERM: usize = 5;
    // possessor: all; user: all but setattr, as runc gives it
    const PERMISSIONS: usize = 0x3f1f_0000;
    // SAFETY: name is NUL-terminated; the second call has no pointers
    let keyring =
        check(unsafe { syscall(number::KEYCTL, KEYCTL_JOIN_SESSION_KEYRING, name.as_ptr() as usize, 0, 0, 0) })?;
    // SAFETY: no pointers
    check(unsafe { syscall(number::KEYCTL, KEYCTL_SETPERM, keyring, PERMISSIONS, 0, 0) }).map(drop)
}

/// setgroups(2); the list is read back.
pub fn set_groups(groups: &[u32]) -> Result<(), Errno> {
    // SAFETY: groups is readable for its length; gid_t is u32
    check(unsafe { syscall(number::SETGROUPS, groups.len(), groups.as_ptr() as usize, 0, 0, 0) })?;
    // SAFETY: with a size of 0 nothing is written
    let count = check(unsafe { syscall(number::GETGROUPS, 0, 0, 0, 0, 0) })?;
    if count == groups.len() { Ok(()) } else { Err(Errno::PERM) }
}

/// Gives every signal its default action and unblocks all: an ignored SIGPIPE or a blocked SIGTERM of the caller must not
/// reach the container's program (both survive execve).
pub fn reset_signals() {
    // struct sigaction of the kernel: handler SIG_DFL, no flags, empty mask
    let default = [0_u64; 4];
    for signal in 1..=64 {
        // SAFETY: default is at least as large as the kernel's struct sigaction; SIGKILL and SIGSTOP answer EINVAL
        let _uncatchable = unsafe { syscall(number::RT_SIGACTION, signal, default.as_ptr() as usize, 0, 8, 0) };
    }
    const SIG_SETMASK: usize = 2;
    let empty = 0_u64;
    // SAFETY: empty is a sigset_t of 8 bytes
    let _cannot_fail = unsafe { syscall(number::RT_SIGPROCMASK, SIG_SETMASK, &raw const empty as usize, 0, 8, 0) };
}

/// Writing to a pipe that nobody reads answers EPIPE.
pub fn ignore_broken_pipes() {
    set_broken_pipe_action(1);
}

/// Writing to a pipe that nobody reads is a death, as by default.
pub fn heed_broken_pipes() {
    set_broken_pipe_action(0);
}

fn set_broken_pipe_action(handler: u64) {
    const SIGPIPE: usize = 13;
    let action = [handler, 0, 0, 0];
    // SAFETY: action is at least as large as the kernel's struct sigaction; SIG_DFL and SIG_IGN need no flags
    let _cannot_fail = unsafe { syscall(number::RT_SIGACTION, SIGPIPE, action.as_ptr() as usize, 0, 8, 0) };
}

/// Lets the task run on every CPU that its cpuset allows, whatever the caller was pinned to.
pub fn reset_affinity() {
    let all = [u64::MAX; 128];
    // SAFETY: all is readable for the size that is passed
    let _best_effort = unsafe { syscall(number::SCHED_SETAFFINITY, 0, size_of_val(&all), all.as_ptr() as usize, 0, 0) };
}
