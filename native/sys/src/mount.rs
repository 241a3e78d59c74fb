//! mount_setattr(2), which rustix lacks.
use crate::raw::{check, common_number, syscall};
use rustix::fd::{AsRawFd, BorrowedFd};
use rustix::io::Errno;

const AT_EMPTY_PATH: usize = 0x1000;
const AT_RECURSIVE: usize = 0x8000;

/// struct mount_attr of linux/mount.h.
#[repr(C)]
struct MountAttr {
    set: u64,
    clear: u64,
    propagation: u64,
    userns_fd: u64,
}

/// Changes attributes (MOUNT_ATTR_*) and propagation (MS_SHARED, MS_PRIVATE, MS_SLAVE, MS_UNBINDABLE or 0) of the mount at
/// the descriptor, with recursive of all below it.
pub fn set_attributes(
    mount: BorrowedFd<'_>,
    set: u64,
    clear: u64,
    propagation: u64,
    recursive: bool,
) -> Result<(), Errno> {
    let attr = MountAttr { set, clear, propagation, userns_fd: 0 };
    let flags = AT_EMPTY_PATH | if recursive { AT_RECURSIVE } else { 0 };
    // SAFETY: an empty NUL-terminated path and a struct of the size that is passed
    check(unsafe {
        syscall(
            common_number::MOUNT_SETATTR,
            mount.as_raw_fd() as usize,
            c"".as_ptr() as usize,
            flags,
            &raw const attr as usize,
            size_of::<MountAttr>(),
        )
    })
    .map(drop)
}
