//! Mounts: made detached, finished in every attribute, and only then attached to a target that is a verified descriptor.
use crate::copy_up::{Traits, copy_up};
use crate::path::{self, Kind};
use crate::root::attach;
use core::ffi::CStr;
use tsrun_plan::wire::Texts;
use tsrun_sys::mount::set_attributes;
use tsrun_sys::rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use tsrun_sys::rustix::fs::{CWD, OFlags, fstat, fstatfs};
use tsrun_sys::rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, OpenTreeFlags, fsconfig_create, fsconfig_set_flag, fsconfig_set_string,
    fsmount, fsopen, open_tree,
};
use tsrun_sys::{Errno, Result};

/// Where a mount is attached, and how.
pub struct Place<'a> {
    pub target: &'a CStr,
    pub propagation: u64,
    pub below_proc: bool,
}

pub struct NewMount<'a> {
    pub kind: &'a CStr,
    pub source: &'a CStr,
    pub attributes: u64,
    pub options: Texts<'a>,
    pub ordinary: bool,
    pub copy_up: bool,
}

pub fn mount(root: BorrowedFd<'_>, at: &Place<'_>, new: &NewMount<'_>) -> Result<()> {
    let (target, covers) = if new.ordinary {
        (ordinary_directory(root, at.target)?, true)
    } else {
        let (target, covers) = directory(root, at.target)?;
        refuse_proc(&target, at.below_proc)?;
        (target, covers)
    };
    let asked = |key: &[u8]| new.options.iter().any(|option| option.to_bytes().starts_with(key));
    // a tmpfs that covers a directory keeps its mode; the kernel's default is 1777
    let inherits_mode = covers && new.kind == c"tmpfs" && !asked(b"mode=");
    let mode = if inherits_mode { Some(fstat(&target)?.st_mode & 0o7777) } else { None };
    let tree = filesystem_with_mode(new.kind, new.source, new.options, new.attributes, mode)?;
    if new.copy_up && covers {
        let owner = !asked(b"uid=") && !asked(b"gid=");
        copy_up(target.as_fd(), tree.as_fd(), Traits { mode: inherits_mode, owner })?;
    }
    finish(&tree, at, &target)
}

/// The last attribute, then the place.
fn finish(tree: &OwnedFd, at: &Place<'_>, target: &OwnedFd) -> Result<()> {
    if at.propagation != 0 {
        set_attributes(tree.as_fd(), 0, 0, at.propagation & !MS_REC, at.propagation & MS_REC != 0)?;
    }
    attach(tree, target)
}

const MS_REC: u64 = 0x4000;

/// The directory at target, and whether it was there before.
fn directory(root: BorrowedFd<'_>, target: &CStr) -> Result<(OwnedFd, bool)> {
    match path::resolve(root, target, OFlags::DIRECTORY) {
        Err(Errno::NOENT) => Ok((path::ensure(root, target, Kind::Directory, 0o755)?, false)),
        other => Ok((other?, true)),
    }
}

/// procfs and sysfs go only where the path to them holds no symlink (CVE-2019-19921 and its successors).
fn ordinary_directory(root: BorrowedFd<'_>, target: &CStr) -> Result<OwnedFd> {
    match path::resolve_plain(root, target, OFlags::DIRECTORY) {
        Err(Errno::NOENT) => {
            path::ensure(root, target, Kind::Directory, 0o755)?;
            path::resolve_plain(root, target, OFlags::DIRECTORY)
        }
        other => other,
    }
}

const PROC_SUPER_MAGIC: u64 = 0x9fa0;
const PROC_ROOT_INO: u64 = 1;

fn is_proc(descriptor: &OwnedFd) -> Result<bool> {
    Ok(fstatfs(descriptor)?.f_type as u64 == PROC_SUPER_MAGIC)
}

/// The root of a procfs may stand in for another.
fn is_proc_root(tree: &OwnedFd) -> Result<bool> {
    Ok(is_proc(tree)? && fstat(tree)?.st_ino == PROC_ROOT_INO)
}

/// Whoever covers files of /proc decides what the kernel seems to say there (CVE-2019-16884). The path's spelling proves
/// nothing, a symlink of the image may lead into /proc: the target itself tells.
fn refuse_proc(target: &OwnedFd, allowed: bool) -> Result<()> {
    if !allowed && is_proc(target)? { Err(Errno::PERM) } else { Ok(()) }
}

/// A new, detached file system. options are "key" or "key=value".
pub fn filesystem(kind: &CStr, source: &CStr, options: Texts<'_>, attributes: u64) -> Result<OwnedFd> {
    filesystem_with_mode(kind, source, options, attributes, None)
}

fn filesystem_with_mode(
    kind: &CStr,
    source: &CStr,
    options: Texts<'_>,
    attributes: u64,
    mode: Option<u32>,
) -> Result<OwnedFd> {
    let context = fsopen(kind, FsOpenFlags::FSOPEN_CLOEXEC)?;
    let source = if source.is_empty() { kind } else { source };
    fsconfig_set_string(&context, c"source", source)?;
    let mut key = path::PathBuffer::new();
    for option in options.iter() {
        let bytes = option.to_bytes_with_nul();
        match bytes.iter().position(|byte| *byte == b'=') {
            None => fsconfig_set_flag(&context, option)?,
            Some(at) => {
                let value = CStr::from_bytes_with_nul(&bytes[at + 1..]).map_err(|_| Errno::INVAL)?;
                fsconfig_set_string(&context, key.set(&bytes[..at])?, value)?;
            }
        }
    }
    if let Some(mode) = mode {
        let digits = [9, 6, 3, 0].map(|shift| b'0' + (mode >> shift & 7) as u8);
        fsconfig_set_string(&context, c"mode", key.set(&digits)?)?;
    }
    fsconfig_create(&context)?;
    fsmount(&context, FsMountFlags::FSMOUNT_CLOEXEC, MountAttrFlags::from_bits_retain(attributes as u32))
}

pub struct Bind<'a> {
    pub source: &'a CStr,
    pub recursive: bool,
    pub set: u64,
    pub clear: u64,
    pub set_all: u64,
    pub clear_all: u64,
    /// The target is /proc, whatever is there.
    pub over_proc: bool,
}

pub fn bind(root: BorrowedFd<'_>, at: &Place<'_>, bind: &Bind<'_>) -> Result<()> {
    let tree = clone_tree(CWD, bind.source, bind.recursive)?;
    let kind = if path::is_directory(&tree)? { Kind::Directory } else { Kind::File };
    let target = path::ensure(root, at.target, kind, 0o755)?;
    if !is_proc_root(&tree)? {
        if bind.over_proc {
            return Err(Errno::PERM);
        }
        refuse_proc(&target, at.below_proc)?;
    }
    if bind.set_all | bind.clear_all != 0 {
        set_attributes(tree.as_fd(), bind.set_all, bind.clear_all, 0, true)?;
    }
    if bind.set | bind.clear != 0 {
        set_attributes(tree.as_fd(), bind.set, bind.clear, 0, false)?;
    }
    finish(&tree, at, &target)
}

/// A detached copy of the mount at path.
pub fn clone_tree(directory: BorrowedFd<'_>, path: &CStr, recursive: bool) -> Result<OwnedFd> {
    let mut flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC;
    if recursive {
        flags |= OpenTreeFlags::AT_RECURSIVE;
    }
    if path.is_empty() {
        flags |= OpenTreeFlags::AT_EMPTY_PATH;
    }
    open_tree(directory, path, flags)
}
