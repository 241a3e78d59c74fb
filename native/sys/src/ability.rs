//! What this kernel lets this caller do, found out by trying.
use crate::namespace::unshare;
use crate::raw::{check, number, syscall};
use rustix::io::Errno;
use rustix::process::{Pid, WaitOptions, waitpid};

/// Whether the kernel has a system call. With arguments that none accepts it answers anything but ENOSYS.
pub fn knows(number: usize) -> bool {
    const NONE: usize = usize::MAX;
    // SAFETY: no descriptor, pointer or flag is valid, so that every call is refused before it does anything
    check(unsafe { syscall(number, NONE, NONE, NONE, NONE, NONE) }) != Err(Errno::NOSYS)
}

/// Whether a child may leave for new namespaces (CLONE_NEW* flags), and why not.
pub fn can_unshare(namespaces: u64) -> Result<(), Errno> {
    const SIGCHLD: usize = 17;
    let mask = crate::spawn::block_signals();
    // SAFETY: fork semantics with an own copy of the memory; the child makes raw system calls only, with every signal blocked
    let child = check(unsafe { syscall(number::CLONE, SIGCHLD, 0, 0, 0, 0) });
    if child == Ok(0) {
        crate::process::exit(unshare(namespaces).err().map_or(0, Errno::raw_os_error));
    }
    crate::spawn::restore_signals(mask);
    let status = loop {
        match waitpid(Pid::from_raw(child? as i32), WaitOptions::empty()) {
            Err(Errno::INTR) => {}
            other => break other?,
        }
    };
    match status.and_then(|(_, status)| status.exit_status()) {
        Some(0) => Ok(()),
        Some(errno) => Err(Errno::from_raw_os_error(errno)),
        None => Err(Errno::CHILD),
    }
}
