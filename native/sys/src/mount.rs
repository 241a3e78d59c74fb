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
    change(mount, &MountAttr { set, clear, propagation, userns_fd: 0 }, recursive)
}

/// Maps the ids of the detached mount at the descriptor, with recursive of all below it, by a user namespace
/// (MOUNT_ATTR_IDMAP).
pub fn map_ids(mount: BorrowedFd<'_>, user_namespace: BorrowedFd<'_>, recursive: bool) -> Result<(), Errno> {
    const MOUNT_ATTR_IDMAP: u64 = 0x0010_0000;
    let userns_fd = user_namespace.as_raw_fd() as u64;
    change(mount, &MountAttr { set: MOUNT_ATTR_IDMAP, clear: 0, propagation: 0, userns_fd }, recursive)
}

fn change(mount: BorrowedFd<'_>, attr: &MountAttr, recursive: bool) -> Result<(), Errno> {
    let flags = AT_EMPTY_PATH | if recursive { AT_RECURSIVE } else { 0 };
    // SAFETY: an empty NUL-terminated path and a struct of the size that is passed
    check(unsafe {
        syscall(
            common_number::MOUNT_SETATTR,
            mount.as_raw_fd() as usize,
            c"".as_ptr() as usize,
            flags,
            core::ptr::from_ref(attr) as usize,
            size_of::<MountAttr>(),
        )
    })
    .map(drop)
}
