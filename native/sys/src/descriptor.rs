//! Descriptors by number: close_range(2), dup3(2), and the census that keeps 0 to 2 occupied.
use crate::raw::{check, common_number, number, syscall};
use rustix::fd::{AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd};
use rustix::fs::{Mode, OFlags};
use rustix::io::{Errno, FdFlags};

/// Closes every descriptor from first on.
pub fn close_from(first: u32) -> Result<(), Errno> {
    // SAFETY: no pointers; the descriptors that this closes are owned by nobody who lives on (execve follows)
    check(unsafe { syscall(common_number::CLOSE_RANGE, first as usize, u32::MAX as usize, 0, 0, 0) }).map(drop)
}

/// Marks every descriptor from first on close-on-exec.
pub fn close_on_exec_from(first: u32) -> Result<(), Errno> {
    const CLOSE_RANGE_CLOEXEC: usize = 4;
    // SAFETY: no pointers, nothing is closed now
    check(unsafe { syscall(common_number::CLOSE_RANGE, first as usize, u32::MAX as usize, CLOSE_RANGE_CLOEXEC, 0, 0) })
        .map(drop)
}

/// Makes number refer to what source refers to, without close-on-exec; what number was is closed.
pub fn replace(source: BorrowedFd<'_>, target: i32) -> Result<(), Errno> {
    if source.as_raw_fd() == target {
        return rustix::io::fcntl_setfd(source, rustix::io::FdFlags::empty());
    }
    // SAFETY: no pointers; callers replace only the standard descriptors, which nobody owns as a value
    check(unsafe { syscall(number::DUP3, source.as_raw_fd() as usize, target as usize, 0, 0, 0) }).map(drop)
}

/// Takes over a descriptor that the parent process left under this number, and marks it close-on-exec; None if it is not
/// open. To be called once for a number, before anything else is opened.
#[must_use]
pub fn inherited_if_open(number: i32) -> Option<OwnedFd> {
    rustix::io::fcntl_setfd(borrowed(number), rustix::io::FdFlags::CLOEXEC).ok()?;
    // SAFETY: it is open, and by the rule above nobody else owns it
    Some(unsafe { OwnedFd::from_raw_fd(number) })
}

/// Borrows a descriptor by number, for as long as the process lives; EBADF from the kernel if it is not open.
#[must_use]
pub fn borrowed(number: i32) -> BorrowedFd<'static> {
    // SAFETY: only used for numbers that nothing in this process closes (the standard descriptors, preserved ones);
    // a number that is not open makes the call fail with EBADF, it is never dereferenced
    unsafe { BorrowedFd::borrow_raw(number) }
}

/// Which of the descriptors below first were inherited, and marked close-on-exec since: bit n is descriptor n. Node marks the
/// standard ones and those after them; its own (epoll, eventfd) are among the latter where the caller left gaps.
#[must_use]
pub fn inherited_but_marked(first: i32) -> u64 {
    let marked = |number: i32| rustix::io::fcntl_getfd(borrowed(number)).is_ok_and(|f| f.contains(FdFlags::CLOEXEC));
    if !(0..3).any(marked) {
        return 0;
    }
    (0..first.min(64))
        .filter(|number| *number < 3 || (marked(*number) && !is_anonymous(*number)))
        .fold(0, |bits, n| bits | 1 << n)
}

/// It is open, and the caller's: what this process opens by itself is close-on-exec.
#[must_use]
pub fn was_inherited(number: i32) -> bool {
    let marked = || number > 63 || inherited_but_marked(number + 1) & 1 << number != 0;
    rustix::io::fcntl_getfd(borrowed(number)).is_ok_and(|flags| !flags.contains(FdFlags::CLOEXEC) || marked())
}

/// A descriptor without a file: fstatfs tells that it is in the kernel's anonymous-inode file system.
fn is_anonymous(number: i32) -> bool {
    const ANON_INODE_FS_MAGIC: u64 = 0x0904_1934;
    rustix::fs::fstatfs(borrowed(number)).is_ok_and(|stat| stat.f_type as u64 == ANON_INODE_FS_MAGIC)
}

/// Opens /dev/null on each of 0, 1, 2 that is closed, so that no file of ours ever gets one of these numbers.
pub fn occupy_standard() -> Result<(), Errno> {
    for number in 0..3 {
        if rustix::io::fcntl_getfd(borrowed(number)) == Err(Errno::BADF) {
            let null = rustix::fs::open(c"/dev/null", OFlags::RDWR, Mode::empty())?;
            if null.as_raw_fd() == number {
                let _stays_open = null.into_raw_fd();
            }
        }
    }
    Ok(())
}
