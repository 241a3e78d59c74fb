//! Namespaces: unshare(2), setns(2), and the type of a namespace file.
use crate::raw::{check, number, syscall};
use rustix::fd::{AsRawFd, BorrowedFd};
use rustix::io::Errno;
use rustix::thread::UnshareFlags;

/// unshare(2) with CLONE_NEW* flags.
pub fn unshare(namespaces: u64) -> Result<(), Errno> {
    let flags = UnshareFlags::from_bits_retain(namespaces as u32);
    if flags.contains(UnshareFlags::FILES) {
        return Err(Errno::INVAL);
    }
    // SAFETY: unsafe in rustix for CLONE_FILES only, which was refused
    unsafe { rustix::thread::unshare_unsafe(flags) }
}

/// setns(2) to a namespace file.
pub fn join(namespace: BorrowedFd<'_>) -> Result<(), Errno> {
    rustix::thread::move_into_link_name_space(namespace, None)
}

/// setns(2) to namespaces (CLONE_NEW* flags) of the process behind a pidfd: all or none.
pub fn join_process(process: BorrowedFd<'_>, namespaces: u64) -> Result<(), Errno> {
    // SAFETY: no pointers; the caller has one thread, which holds nothing that depends on the namespaces left
    check(unsafe { syscall(number::SETNS, process.as_raw_fd() as usize, namespaces as usize, 0, 0, 0) }).map(drop)
}

/// The CLONE_NEW* flag of a namespace file (ioctl NS_GET_NSTYPE); ENOTTY when the file is not a namespace.
pub fn kind(namespace: BorrowedFd<'_>) -> Result<u64, Errno> {
    const NS_GET_NSTYPE: usize = 0xb703;
    // SAFETY: the request takes no argument
    check(unsafe { syscall(number::IOCTL, namespace.as_raw_fd() as usize, NS_GET_NSTYPE, 0, 0, 0) })
        .map(|flag| flag as u64)
}

/// A child in a new user namespace, which it holds until it is killed; it ends with the caller's thread, too.
#[cfg(feature = "host")]
pub fn hold_user_namespace() -> Result<rustix::process::Pid, Errno> {
    const CLONE_NEWUSER: usize = 0x1000_0000;
    const SIGCHLD: usize = 17;
    const SIGKILL: u32 = 9;
    let mask = crate::spawn::block_signals();
    // SAFETY: fork semantics with an own copy of the memory; the child makes raw system calls only, with every signal blocked
    let child = check(unsafe { syscall(number::CLONE, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0) });
    if child == Ok(0) {
        let _ = crate::process::set_parent_death_signal(SIGKILL);
        loop {
            // SAFETY: no descriptors, no time limit, no pointers
            unsafe { syscall(number::PPOLL, 0, 0, 0, 0, 0) };
        }
    }
    crate::spawn::restore_signals(mask);
    rustix::process::Pid::from_raw(child? as i32).ok_or(Errno::SRCH)
}
