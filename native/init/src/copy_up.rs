//! tmpcopyup: a new tmpfs begins with what the image has at its destination. It is filled before it is attached; every name is
//! looked up in a directory that is held by descriptor and never through a symlink, so that nothing of the image leads elsewhere.
use crate::path::{PATH_MAX, PathBuffer};
use core::ffi::CStr;
use core::mem::MaybeUninit;
use tsrun_sys::rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use tsrun_sys::rustix::fs::{
    AtFlags, FileType, Gid, Mode, OFlags, RawDir, ResolveFlags, SeekFrom, Stat, Timespec, Timestamps, UTIME_OMIT, Uid,
    XattrFlags, chmodat, chownat, fchmod, fchown, fgetxattr, flistxattr, flistxattr_query, fsetxattr, fstat, ftruncate,
    futimens, mkdirat, mknodat, openat, openat2, readlinkat_raw, seek, statat, symlinkat, utimensat,
};
use tsrun_sys::rustix::io::{pread, pwrite};
use tsrun_sys::{Errno, Result};

/// Directories within each other. Each level holds two descriptors and a few kilobytes of stack.
const MAX_DEPTH: u32 = 128;

/// What a file or directory gets from its original.
#[derive(Clone, Copy)]
pub struct Traits {
    pub mode: bool,
    pub owner: bool,
}

/// Copies what is below the directory source to the root of the detached mount tree, and to this root itself the traits
/// of source, its attributes and time.
pub fn copy_up(source: BorrowedFd<'_>, tree: BorrowedFd<'_>, traits: Traits) -> Result<()> {
    let from = open_original(source, c".", OFlags::DIRECTORY)?;
    let to = open_directory(tree, c".")?;
    fill(from.as_fd(), to.as_fd(), MAX_DEPTH)?;
    resemble(from.as_fd(), to.as_fd(), traits)
}

fn fill(from: BorrowedFd<'_>, to: BorrowedFd<'_>, depth: u32) -> Result<()> {
    let depth = depth.checked_sub(1).ok_or(Errno::NAMETOOLONG)?;
    let mut space = [MaybeUninit::uninit(); 2048];
    let mut entries = RawDir::new(from, &mut space);
    while let Some(entry) = entries.next() {
        let entry = entry?;
        let name = entry.file_name();
        if name != c"." && name != c".." {
            copy(from, to, name, depth)?;
        }
    }
    Ok(())
}

fn copy(from: BorrowedFd<'_>, to: BorrowedFd<'_>, name: &CStr, depth: u32) -> Result<()> {
    let stat = statat(from, name, AtFlags::SYMLINK_NOFOLLOW)?;
    let kind = FileType::from_raw_mode(stat.st_mode);
    let flags = match kind {
        FileType::Directory => OFlags::DIRECTORY,
        FileType::RegularFile => OFlags::NOCTTY,
        FileType::Symlink => {
            copy_symlink(from, to, name)?;
            return resemble_by_name(to, name, &stat);
        }
        FileType::Fifo => {
            mknodat(to, name, FileType::Fifo, Mode::from_raw_mode(0o600), 0)?;
            return resemble_by_name(to, name, &stat);
        }
        // a device would be a way around linux.devices, and nobody listens behind a socket
        _ => return Ok(()),
    };
    let original = match open_original(from, name, flags) {
        // another mount lies here: not the image's
        Err(Errno::XDEV) => return Ok(()),
        other => other?,
    };
    // what stood there a moment ago may have been exchanged
    let stat = fstat(&original)?;
    if FileType::from_raw_mode(stat.st_mode) != kind {
        return Err(Errno::AGAIN);
    }
    let made = if kind == FileType::Directory {
        mkdirat(to, name, Mode::RWXU)?;
        let made = open_directory(to, name)?;
        fill(original.as_fd(), made.as_fd(), depth)?;
        made
    } else {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let made = openat(to, name, flags, Mode::RUSR | Mode::WUSR)?;
        copy_content(original.as_fd(), made.as_fd(), stat.st_size.cast_unsigned())?;
        made
    };
    resemble(original.as_fd(), made.as_fd(), Traits { mode: true, owner: true })
}

/// Opens for reading, without waiting for anything: a FIFO that has taken a file's place has no say.
fn open_original(directory: BorrowedFd<'_>, name: &CStr, flags: OFlags) -> Result<OwnedFd> {
    let flags = flags | OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let resolve =
        ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS | ResolveFlags::NO_XDEV;
    openat2(directory, name, flags, Mode::empty(), resolve)
}

fn open_directory(parent: BorrowedFd<'_>, name: &CStr) -> Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(parent, name, flags, Mode::empty())
}

/// The first size bytes; holes stay holes.
#[inline(never)] // its buffer would be in every level of the recursion
fn copy_content(from: BorrowedFd<'_>, to: BorrowedFd<'_>, size: u64) -> Result<()> {
    let mut space = [MaybeUninit::uninit(); 16384];
    ftruncate(to, size)?;
    let mut at = 0;
    while at < size {
        at = match seek(from, SeekFrom::Data(at)) {
            // a hole up to the end
            Err(Errno::NXIO) => return Ok(()),
            other => other?,
        };
        let end = seek(from, SeekFrom::Hole(at))?.min(size);
        while at < end {
            let wanted = usize::try_from(end - at).map_or(space.len(), |left| left.min(space.len()));
            let (bytes, _) = pread(from, &mut space[..wanted], at)?;
            let written = pwrite(to, bytes, at)?;
            if written == 0 {
                // the file has become shorter
                return Ok(());
            }
            at += written as u64;
        }
    }
    Ok(())
}

#[inline(never)]
fn copy_symlink(from: BorrowedFd<'_>, to: BorrowedFd<'_>, name: &CStr) -> Result<()> {
    let mut space = [MaybeUninit::uninit(); PATH_MAX];
    let (target, _) = readlinkat_raw(from, name, &mut space)?;
    symlinkat(PathBuffer::new().set(target)?, to, name)
}

/// Owner, extended attributes, mode and time, in this order: a change of owner takes set-id bits and capabilities away, and
/// every change before the last changes the time.
fn resemble(original: BorrowedFd<'_>, made: BorrowedFd<'_>, traits: Traits) -> Result<()> {
    let stat = fstat(original)?;
    let owned = !traits.owner || mapped(fchown(made, owner(&stat).0, owner(&stat).1))?;
    if flistxattr_query(original).is_ok_and(|length| length > 0) {
        copy_attributes(original, made)?;
    }
    if traits.mode {
        fchmod(made, mode(&stat, owned))?;
    }
    futimens(made, &times(&stat))
}

/// For what cannot be opened. The tree is ours alone: nobody can put anything else in the place of name.
fn resemble_by_name(directory: BorrowedFd<'_>, name: &CStr, stat: &Stat) -> Result<()> {
    let (uid, gid) = owner(stat);
    let owned = mapped(chownat(directory, name, uid, gid, AtFlags::SYMLINK_NOFOLLOW))?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::Symlink {
        chmodat(directory, name, mode(stat, owned), AtFlags::empty())?;
    }
    utimensat(directory, name, &times(stat), AtFlags::SYMLINK_NOFOLLOW)
}

fn owner(stat: &Stat) -> (Option<Uid>, Option<Gid>) {
    (Some(Uid::from_raw(stat.st_uid)), Some(Gid::from_raw(stat.st_gid)))
}

/// False: the user namespace has no name for the owner, the copy belongs to its root.
fn mapped(change: Result<()>) -> Result<bool> {
    match change {
        Err(Errno::INVAL) => Ok(false),
        other => other.map(|()| true),
    }
}

/// A program that runs as its owner must not become one that runs as somebody else.
fn mode(stat: &Stat, owned: bool) -> Mode {
    Mode::from_raw_mode(stat.st_mode & if owned { 0o7777 } else { 0o1777 })
}

fn times(stat: &Stat) -> Timestamps {
    Timestamps {
        last_access: Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT },
        last_modification: Timespec { tv_sec: stat.st_mtime as _, tv_nsec: stat.st_mtime_nsec as _ },
    }
}

/// Sizes that no list of names and no value exceeds (XATTR_LIST_MAX, XATTR_SIZE_MAX).
const ATTRIBUTES_MAX: usize = 65536;

#[inline(never)]
fn copy_attributes(original: BorrowedFd<'_>, made: BorrowedFd<'_>) -> Result<()> {
    let mut names = [MaybeUninit::uninit(); ATTRIBUTES_MAX];
    let mut value = [MaybeUninit::uninit(); ATTRIBUTES_MAX];
    let (names, _) = flistxattr(original, &mut names)?;
    for name in names.split_inclusive(|byte| *byte == 0) {
        let name = CStr::from_bytes_with_nul(name).map_err(|_| Errno::INVAL)?;
        let (value, _) = fgetxattr(original, name, &mut value)?;
        match fsetxattr(made, name, value, XattrFlags::empty()) {
            // not every tmpfs keeps every kind, nor may every user namespace set it
            Ok(()) | Err(Errno::OPNOTSUPP | Errno::PERM | Errno::ACCESS) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}
