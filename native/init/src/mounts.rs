//! Mounts: made detached, finished in every attribute, and only then attached to a target that is a verified descriptor.
use crate::channel::Channel;
use crate::copy_up::{Traits, copy_up};
use crate::path::{self, Kind, PathBuffer};
use crate::root::attach;
use core::ffi::CStr;
use tsrun_plan::wire::Texts;
use tsrun_plan::{LEND_TREE, LEND_USER_NAMESPACE};
use tsrun_sys::mount::{map_ids, set_attributes};
use tsrun_sys::rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use tsrun_sys::rustix::fs::{CWD, OFlags, fstat, fstatfs, symlinkat};
use tsrun_sys::rustix::mount::{
    FsMountFlags, FsOpenFlags, FsPickFlags, MountAttrFlags, OpenTreeFlags, fsconfig_create, fsconfig_reconfigure,
    fsconfig_set_flag, fsconfig_set_string, fsmount, fsopen, fspick, open_tree,
};
use tsrun_sys::{Errno, Result};

/// Where a mount is attached, and how.
pub struct Place<'a> {
    pub target: &'a CStr,
    pub propagation: u64,
    pub below_proc: bool,
    /// A symlink at target is itself what is covered.
    pub nofollow: bool,
}

/// Who lends what the step at hand may not get itself.
pub struct Runtime<'a> {
    pub channel: &'a Channel,
    pub step: u32,
}

impl Runtime<'_> {
    fn map_ids(&self, tree: &OwnedFd, recursive: bool) -> Result<()> {
        let namespace = self.channel.want(self.step, LEND_USER_NAMESPACE)?;
        map_ids(tree.as_fd(), namespace.as_fd(), recursive)
    }
}

pub struct NewMount<'a> {
    pub kind: &'a CStr,
    pub source: &'a CStr,
    pub attributes: u64,
    pub options: Texts<'a>,
    pub ordinary: bool,
    pub copy_up: bool,
    pub idmap: bool,
    pub instead: &'a CStr,
}

pub fn mount(root: BorrowedFd<'_>, at: &Place<'_>, new: &NewMount<'_>, runtime: &Runtime<'_>) -> Result<()> {
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
    let tree = match filesystem_with_mode(new.kind, new.source, new.options, new.attributes, mode) {
        Err(Errno::PERM | Errno::BUSY) if !new.instead.is_empty() => {
            let tree = clone_tree(CWD, new.instead, true)?;
            set_attributes(tree.as_fd(), new.attributes, 0, 0, true)?;
            tree
        }
        other => other?,
    };
    if new.idmap {
        runtime.map_ids(&tree, false)?;
    }
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
    configure(&context, options)?;
    if let Some(mode) = mode {
        let digits = [9, 6, 3, 0].map(|shift| b'0' + (mode >> shift & 7) as u8);
        fsconfig_set_string(&context, c"mode", PathBuffer::new().set(&digits)?)?;
    }
    fsconfig_create(&context)?;
    fsmount(&context, FsMountFlags::FSMOUNT_CLOEXEC, MountAttrFlags::from_bits_retain(attributes as u32))
}

fn configure(context: &OwnedFd, options: Texts<'_>) -> Result<()> {
    let mut key = PathBuffer::new();
    for option in options.iter() {
        let bytes = option.to_bytes_with_nul();
        match bytes.iter().position(|byte| *byte == b'=') {
            None => fsconfig_set_flag(context, option)?,
            Some(at) => {
                let value = CStr::from_bytes_with_nul(&bytes[at + 1..]).map_err(|_| Errno::INVAL)?;
                fsconfig_set_string(context, key.set(&bytes[..at])?, value)?;
            }
        }
    }
    Ok(())
}

/// What is bound.
pub struct Origin<'a> {
    pub source: &'a CStr,
    pub recursive: bool,
    /// A symlink at source is itself what is bound.
    pub nofollow: bool,
    /// The runtime may open more than init.
    pub borrow: bool,
    /// A symlink at source is made again at target.
    pub copy_symlink: bool,
}

/// What becomes of the mounts of the tree: of its first, of all, and whether the ids of the first or of all are mapped.
pub struct Attributes {
    pub set: u64,
    pub clear: u64,
    pub set_all: u64,
    pub clear_all: u64,
    /// The target is /proc, whatever is there.
    pub over_proc: bool,
    pub idmap: Option<bool>,
}

pub fn bind(
    root: BorrowedFd<'_>,
    at: &Place<'_>,
    origin: &Origin<'_>,
    attributes: &Attributes,
    runtime: &Runtime<'_>,
) -> Result<()> {
    if origin.copy_symlink {
        let mut buffer = PathBuffer::new();
        if let Some(link) = path::read_link(CWD, origin.source, &mut buffer)? {
            return copy_symlink(root, at.target, link);
        }
    }
    let tree = tree_of(origin, attributes.idmap, runtime)?;
    let kind = if path::is_directory(&tree)? { Kind::Directory } else { Kind::File };
    let target = path::ensure_at(root, at.target, kind, 0o755, at.nofollow)?;
    if !is_proc_root(&tree)? {
        if attributes.over_proc {
            return Err(Errno::PERM);
        }
        refuse_proc(&target, at.below_proc)?;
    }
    if attributes.set_all | attributes.clear_all != 0 {
        set_attributes(tree.as_fd(), attributes.set_all, attributes.clear_all, 0, true)?;
    }
    if attributes.set | attributes.clear != 0 {
        set_attributes(tree.as_fd(), attributes.set, attributes.clear, 0, false)?;
    }
    finish(&tree, at, &target)
}

/// A detached copy with its ids mapped. Only the root of the user namespace that a file system belongs to may map the ids of
/// its mounts, so that for an init in another one the runtime does it, on the source as the host sees it.
fn tree_of(origin: &Origin<'_>, idmap: Option<bool>, runtime: &Runtime<'_>) -> Result<OwnedFd> {
    let lent = || runtime.channel.want(runtime.step, LEND_TREE);
    if origin.borrow && idmap.is_some() {
        return lent();
    }
    let tree = match clone_tree_at(CWD, origin.source, origin.recursive, origin.nofollow) {
        // a directory on the way is closed to the container's root, not to the host's
        Err(Errno::ACCESS | Errno::PERM) if origin.borrow => lent()?,
        other => other?,
    };
    if let Some(recursive) = idmap {
        runtime.map_ids(&tree, recursive)?;
    }
    Ok(tree)
}

/// The same symlink at target. What the image has there stays, if it says the same.
fn copy_symlink(root: BorrowedFd<'_>, target: &CStr, link: &CStr) -> Result<()> {
    let mut name = PathBuffer::new();
    let (parent, name) = path::ensure_parent(root, target, &mut name)?;
    match symlinkat(link, &parent, name) {
        Err(Errno::EXIST) => {
            let mut found = PathBuffer::new();
            if path::read_link(parent.as_fd(), name, &mut found)? == Some(link) { Ok(()) } else { Err(Errno::EXIST) }
        }
        other => other,
    }
}

/// Changes the mount at target, and the file system that is mounted there.
pub fn remount(root: BorrowedFd<'_>, target: &CStr, set: u64, clear: u64, options: Texts<'_>) -> Result<()> {
    let target = path::resolve(root, target, OFlags::empty())?;
    if set | clear != 0 {
        set_attributes(target.as_fd(), set, clear, 0, false)?;
    }
    if options.is_empty() {
        return Ok(());
    }
    let context = fspick(&target, c"", FsPickFlags::FSPICK_CLOEXEC | FsPickFlags::FSPICK_EMPTY_PATH)?;
    configure(&context, options)?;
    fsconfig_reconfigure(&context)
}

/// A detached copy of the mount at path.
pub fn clone_tree(directory: BorrowedFd<'_>, path: &CStr, recursive: bool) -> Result<OwnedFd> {
    clone_tree_at(directory, path, recursive, false)
}

fn clone_tree_at(directory: BorrowedFd<'_>, path: &CStr, recursive: bool, nofollow: bool) -> Result<OwnedFd> {
    let mut flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC;
    flags.set(OpenTreeFlags::AT_RECURSIVE, recursive);
    flags.set(OpenTreeFlags::AT_SYMLINK_NOFOLLOW, nofollow);
    if path.is_empty() {
        flags |= OpenTreeFlags::AT_EMPTY_PATH;
    }
    open_tree(directory, path, flags)
}
