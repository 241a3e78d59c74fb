//! Paths below the root, resolved by descriptor: openat2 with RESOLVE_IN_ROOT, so that a symlink of the image can lead
//! nowhere else, and with RESOLVE_NO_MAGICLINKS, so that /proc/PID/fd can neither.
use core::ffi::CStr;
use tsrun_sys::rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use tsrun_sys::rustix::fs::{Mode, OFlags, ResolveFlags, mkdirat, openat, openat2};
use tsrun_sys::{Errno, Result};

pub const PATH_MAX: usize = 4096;

/// A path that is put together on the stack.
pub struct PathBuffer {
    bytes: [u8; PATH_MAX],
    length: usize,
}

impl PathBuffer {
    pub fn new() -> Self {
        Self { bytes: [0; PATH_MAX], length: 0 }
    }

    pub fn push(&mut self, part: &[u8]) -> Result<()> {
        let end = self.length + part.len();
        // the last byte stays NUL
        self.bytes
            .get_mut(self.length..end)
            .filter(|_| end < PATH_MAX)
            .ok_or(Errno::NAMETOOLONG)?
            .copy_from_slice(part);
        self.length = end;
        Ok(())
    }

    pub fn set(&mut self, path: &[u8]) -> Result<&CStr> {
        self.bytes = [0; PATH_MAX];
        self.length = 0;
        self.push(path)?;
        self.as_c_str()
    }

    pub fn as_c_str(&self) -> Result<&CStr> {
        CStr::from_bytes_until_nul(&self.bytes).map_err(|_| Errno::NAMETOOLONG)
    }
}

/// O_PATH descriptor of what is at path below root.
pub fn resolve(root: BorrowedFd<'_>, path: &CStr, flags: OFlags) -> Result<OwnedFd> {
    resolve_with(root, path, flags, ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS)
}

/// As [`resolve`], but any symlink in the path is an error (ELOOP).
pub fn resolve_plain(root: BorrowedFd<'_>, path: &CStr, flags: OFlags) -> Result<OwnedFd> {
    let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS | ResolveFlags::NO_SYMLINKS;
    resolve_with(root, path, flags, resolve)
}

fn resolve_with(root: BorrowedFd<'_>, path: &CStr, flags: OFlags, resolve: ResolveFlags) -> Result<OwnedFd> {
    // a rename anywhere on the system may make ".." ambiguous: EAGAIN, worth a limited number of tries
    let mut tries = 128;
    loop {
        match openat2(root, path, flags | OFlags::PATH | OFlags::CLOEXEC, Mode::empty(), resolve) {
            Err(Errno::AGAIN) if tries > 0 => tries -= 1,
            other => return other,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Directory,
    File,
}

/// What is at path below root; made, with its missing parents (mode), when it does not exist.
pub fn ensure(root: BorrowedFd<'_>, path: &CStr, kind: Kind, mode: u32) -> Result<OwnedFd> {
    let flags = if kind == Kind::Directory { OFlags::DIRECTORY } else { OFlags::empty() };
    match resolve(root, path, flags) {
        Err(Errno::NOENT) => {}
        other => return other,
    }
    let (mut current, rest) = deepest(root, path.to_bytes())?;
    let mut parts = rest.split(|byte| *byte == b'/').filter(|part| !part.is_empty() && *part != b".").peekable();
    let mut name = PathBuffer::new();
    while let Some(part) = parts.next() {
        // in a part that does not exist yet, ".." has no meaning that could be trusted
        if part == b".." {
            return Err(Errno::NOENT);
        }
        let name = name.set(part)?;
        current = if parts.peek().is_none() && kind == Kind::File {
            make_file(current.as_fd(), name)?
        } else {
            make_directory(current.as_fd(), name, mode)?
        };
    }
    Ok(current)
}

/// The directory that holds the last component of path, made if missing, and that component.
pub fn ensure_parent<'a>(
    root: BorrowedFd<'_>,
    path: &'a CStr,
    name: &'a mut PathBuffer,
) -> Result<(OwnedFd, &'a CStr)> {
    let bytes = path.to_bytes();
    let bytes = &bytes[..bytes.iter().rposition(|byte| *byte != b'/').map_or(0, |last| last + 1)];
    let split = bytes.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
    let (parent, last) = bytes.split_at(split);
    if last.is_empty() || last == b"." || last == b".." {
        return Err(Errno::INVAL);
    }
    let directory = if parent.is_empty() {
        resolve(root, c"/", OFlags::DIRECTORY)?
    } else {
        ensure(root, PathBuffer::new().set(parent)?, Kind::Directory, 0o755)?
    };
    Ok((directory, name.set(last)?))
}

/// The deepest existing prefix of path and the rest after it.
fn deepest<'a>(root: BorrowedFd<'_>, path: &'a [u8]) -> Result<(OwnedFd, &'a [u8])> {
    let mut prefix = PathBuffer::new();
    let mut end = path.len();
    while let Some(slash) = path[..end].iter().rposition(|byte| *byte == b'/') {
        if slash == 0 {
            break;
        }
        end = slash;
        match resolve(root, prefix.set(&path[..end])?, OFlags::DIRECTORY) {
            Ok(found) => return Ok((found, &path[end..])),
            Err(Errno::NOENT) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok((resolve(root, c"/", OFlags::DIRECTORY)?, path))
}

fn make_directory(parent: BorrowedFd<'_>, name: &CStr, mode: u32) -> Result<OwnedFd> {
    match mkdirat(parent, name, Mode::from_raw_mode(mode)) {
        Ok(()) | Err(Errno::EXIST) => {}
        Err(errno) => return Err(errno),
    }
    // what stands there now may be a symlink that somebody put into the way: not followed
    openat(parent, name, OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())
}

fn make_file(parent: BorrowedFd<'_>, name: &CStr) -> Result<OwnedFd> {
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::WRONLY;
    openat(parent, name, flags, Mode::from_raw_mode(0o644))?;
    openat(parent, name, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())
}

/// Whether descriptor is a directory.
pub fn is_directory(descriptor: impl AsFd) -> Result<bool> {
    use tsrun_sys::rustix::fs::{FileType, fstat};
    Ok(FileType::from_raw_mode(fstat(descriptor)?.st_mode) == FileType::Directory)
}
