//! linux.maskedPaths and linux.readonlyPaths.
use crate::mounts::clone_tree;
use crate::path;
use crate::root::attach;
use core::ffi::CStr;
use tsrun_plan::wire::Reader;
use tsrun_sys::mount::set_attributes;
use tsrun_sys::rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use tsrun_sys::rustix::fs::{CWD, FileType, Mode, OFlags, fstat, open};
use tsrun_sys::{Errno, Result};

const MOUNT_ATTR_RDONLY: u64 = 1;

/// What masks are made of, made once.
#[derive(Default)]
pub struct Masks {
    null: Option<OwnedFd>,
    /// An empty read-only tmpfs, attached at the first masked directory and copied from there.
    empty: Option<OwnedFd>,
}

impl Masks {
    /// Runs before the root is entered: the source is the host's /dev/null, never the image's (CVE-2025-31133).
    pub fn mask(&mut self, root: BorrowedFd<'_>, path: &CStr) -> Result<()> {
        let target = match path::resolve_plain(root, path, OFlags::empty()) {
            Err(Errno::NOENT | Errno::NOTDIR) => return Ok(()),
            other => other?,
        };
        if path::is_directory(&target)? {
            return self.hide_directory(&target);
        }
        if self.null.is_none() {
            self.null = Some(host_null()?);
        }
        let null = self.null.as_ref().ok_or(Errno::BADF)?;
        attach(clone_tree(null.as_fd(), c"", false)?, &target)
    }

    fn hide_directory(&mut self, target: &OwnedFd) -> Result<()> {
        if let Some(empty) = &self.empty {
            return attach(clone_tree(empty.as_fd(), c"", false)?, target);
        }
        let options = encoded([b"nr_blocks=1", b"nr_inodes=1"]);
        let options = Reader::new(&options).texts().ok_or(Errno::BADMSG)?;
        let empty = crate::mounts::filesystem(c"tmpfs", c"tmpfs", options, MOUNT_ATTR_RDONLY)?;
        attach(&empty, target)?;
        self.empty = Some(empty);
        Ok(())
    }
}

/// Two texts of eleven bytes as the plan's decoder reads a list.
fn encoded(texts: [&[u8; 11]; 2]) -> [u8; 36] {
    let mut bytes = [0; 36];
    bytes[0] = 2;
    for (at, text) in [4, 20].into_iter().zip(texts) {
        bytes[at] = 11;
        bytes[at + 4..at + 15].copy_from_slice(text);
    }
    bytes
}

/// The host's /dev/null, after a look at what it is.
fn host_null() -> Result<OwnedFd> {
    let null = open(c"/dev/null", OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())?;
    if is_null(&null)? { Ok(null) } else { Err(Errno::NODEV) }
}

/// Whether the descriptor is the character device 1:3.
pub fn is_null(descriptor: impl AsFd) -> Result<bool> {
    let stat = fstat(descriptor)?;
    let device = tsrun_sys::rustix::fs::makedev(1, 3);
    Ok(FileType::from_raw_mode(stat.st_mode) == FileType::CharacterDevice && stat.st_rdev == device)
}

/// Makes the tree at path read-only; its other attributes stay.
pub fn make_readonly(root: BorrowedFd<'_>, path: &CStr) -> Result<()> {
    let target = match path::resolve_plain(root, path, OFlags::empty()) {
        Err(Errno::NOENT | Errno::NOTDIR) => return Ok(()),
        other => other?,
    };
    let tree = clone_tree(target.as_fd(), c"", true)?;
    set_attributes(tree.as_fd(), MOUNT_ATTR_RDONLY, 0, 0, true)?;
    attach(&tree, &target)
}

/// mount_setattr on the mount at path, which must be its root.
pub fn change_attributes(root: BorrowedFd<'_>, path: &CStr, set: u64, clear: u64, recursive: bool) -> Result<()> {
    let target = path::resolve(root, path, OFlags::empty())?;
    set_attributes(target.as_fd(), set, clear, 0, recursive)
}

/// Writes a sysctl through a procfs that nobody else has seen: what is mounted on the container's /proc cannot redirect it
/// (CVE-2025-52881).
pub fn write_sysctl(path: &CStr, value: &CStr) -> Result<()> {
    use tsrun_sys::rustix::fs::{ResolveFlags, openat2};
    let none = Reader::new(&[0; 4]).texts().ok_or(Errno::BADMSG)?;
    let proc = match crate::mounts::filesystem(c"proc", c"proc", none, 0) {
        // a user namespace may mount a procfs only if it sees a full one already
        Err(Errno::PERM) => clone_tree(CWD, c"/proc", false)?,
        other => other?,
    };
    let mut name = path::PathBuffer::new();
    name.push(b"sys/")?;
    name.push(path.to_bytes())?;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_XDEV;
    let file = openat2(&proc, name.as_c_str()?, OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty(), resolve)?;
    let written = tsrun_sys::rustix::io::write(&file, value.to_bytes())?;
    if written == value.to_bytes().len() { Ok(()) } else { Err(Errno::IO) }
}
