//! Device nodes and links below the root; each is made by name in a directory that is held by descriptor.
use crate::path::{self, PathBuffer};
use crate::root::attach;
use core::ffi::CStr;
use tsrun_sys::mount::set_attributes;
use tsrun_sys::rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use tsrun_sys::rustix::fs::{
    AtFlags, CWD, FileType, Gid, Mode, OFlags, Uid, chownat, fstat, makedev, mknodat, openat, symlinkat,
};
use tsrun_sys::{Errno, Result};

pub struct Device<'a> {
    pub path: &'a CStr,
    pub kind: u32,
    pub major: u32,
    pub minor: u32,
    pub mode: u32,
    pub uid: u32,
    pub gid: u32,
}

/// mknod, and a look at what stands there afterwards: an image may bring a node of its own, but only the same one.
pub fn make(root: BorrowedFd<'_>, device: &Device<'_>) -> Result<()> {
    let mut buffer = PathBuffer::new();
    let (parent, name) = path::ensure_parent(root, device.path, &mut buffer)?;
    let kind = FileType::from_raw_mode(device.kind);
    let number = if kind == FileType::Fifo { 0 } else { makedev(device.major, device.minor) };
    match mknodat(&parent, name, kind, Mode::from_raw_mode(device.mode), number) {
        Ok(()) => {
            if device.uid | device.gid != 0 {
                let owner = (Some(Uid::from_raw(device.uid)), Some(Gid::from_raw(device.gid)));
                chownat(&parent, name, owner.0, owner.1, AtFlags::SYMLINK_NOFOLLOW)?;
            }
            Ok(())
        }
        Err(Errno::EXIST) => {
            if is(&open_node(&parent, name)?, device)? {
                Ok(())
            } else {
                Err(Errno::EXIST)
            }
        }
        // in somebody's user namespace already, or without CAP_MKNOD
        Err(Errno::PERM) if kind != FileType::Fifo => bind(root, device.path, device),
        Err(errno) => Err(errno),
    }
}

fn open_node(parent: &OwnedFd, name: &CStr) -> Result<OwnedFd> {
    openat(parent, name, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())
}

/// Binds the host's node, which must be the one that was asked for: a user namespace may not make one that works.
pub fn bind(root: BorrowedFd<'_>, source: &CStr, device: &Device<'_>) -> Result<()> {
    let tree = crate::mounts::clone_tree(CWD, source, false)?;
    if !is(&tree, device)? {
        return Err(Errno::NODEV);
    }
    set_attributes(tree.as_fd(), MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, 0, 0, false)?;
    let mut buffer = PathBuffer::new();
    let (parent, name) = path::ensure_parent(root, device.path, &mut buffer)?;
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::WRONLY;
    match openat(&parent, name, flags, Mode::from_raw_mode(0o644)) {
        Ok(_) | Err(Errno::EXIST) => {}
        Err(errno) => return Err(errno),
    }
    let target = open_node(&parent, name)?;
    if FileType::from_raw_mode(fstat(&target)?.st_mode) == FileType::Symlink {
        return Err(Errno::LOOP);
    }
    attach(tree.as_fd(), target.as_fd())
}

const MOUNT_ATTR_NOSUID: u64 = 2;
const MOUNT_ATTR_NOEXEC: u64 = 8;

/// Whether the descriptor is this device.
fn is(node: &OwnedFd, device: &Device<'_>) -> Result<bool> {
    let stat = fstat(node)?;
    let kind = FileType::from_raw_mode(device.kind);
    let same = kind == FileType::Fifo || stat.st_rdev == makedev(device.major, device.minor);
    Ok(FileType::from_raw_mode(stat.st_mode) == kind && same)
}

/// A symlink; what the image has there already stays.
pub fn link(root: BorrowedFd<'_>, path: &CStr, target: &CStr) -> Result<()> {
    let mut buffer = PathBuffer::new();
    let (parent, name) = path::ensure_parent(root, path, &mut buffer)?;
    match symlinkat(target, &parent, name) {
        Ok(()) | Err(Errno::EXIST) => Ok(()),
        Err(errno) => Err(errno),
    }
}
