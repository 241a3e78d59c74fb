//! Paths below the root, resolved by descriptor: openat2 with RESOLVE_IN_ROOT, so that a symlink of the image can lead
//! nowhere else, and with RESOLVE_NO_MAGICLINKS, so that /proc/PID/fd can neither.
use core::ffi::CStr;
use core::mem::MaybeUninit;
use tsrun_sys::rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use tsrun_sys::rustix::fs::{Mode, OFlags, ResolveFlags, mkdirat, openat, openat2, readlinkat_raw};
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
    ensure_at(root, path, kind, mode, false)
}

/// As [`ensure`]; with nofollow a symlink at path is itself what is there.
pub fn ensure_at(root: BorrowedFd<'_>, path: &CStr, kind: Kind, mode: u32, nofollow: bool) -> Result<OwnedFd> {
    let mut flags = if kind == Kind::Directory { OFlags::DIRECTORY } else { OFlags::empty() };
    flags.set(OFlags::NOFOLLOW, nofollow);
    match resolve(root, path, flags) {
        Err(Errno::NOENT) => {}
        other => return other,
    }
    let (mut whole, mut next) = (PathBuffer::new(), PathBuffer::new());
    whole.push(path.to_bytes())?;
    for _ in 0..MAX_LINKS {
        if let Some(made) = make_along(root, whole.as_c_str()?.to_bytes(), kind, mode, &mut next)? {
            return Ok(made);
        }
        core::mem::swap(&mut whole, &mut next);
    }
    Err(Errno::LOOP)
}

/// As many as the kernel follows in one path.
const MAX_LINKS: u32 = 40;

/// Makes what is missing of path. None: a symlink in it leads to what does not exist; next is where it leads, and the rest.
fn make_along(
    root: BorrowedFd<'_>,
    path: &[u8],
    kind: Kind,
    mode: u32,
    next: &mut PathBuffer,
) -> Result<Option<OwnedFd>> {
    let (mut current, rest) = deepest(root, path)?;
    let mut at = path.len() - rest.len();
    let mut name = PathBuffer::new();
    while let Some((start, end)) = component(path, at) {
        at = end;
        let part = path.get(start..end).ok_or(Errno::INVAL)?;
        if part == b"." {
            continue;
        }
        // in a part that does not exist yet, ".." has no meaning that could be trusted
        if part == b".." {
            return Err(Errno::NOENT);
        }
        let name = name.set(part)?;
        let last = component(path, end).is_none();
        let made = if last && kind == Kind::File {
            make_file(current.as_fd(), name)
        } else {
            make_directory(current.as_fd(), name, mode)
        };
        current = match made {
            Err(Errno::EXIST | Errno::NOTDIR | Errno::LOOP) => {
                let mut target = PathBuffer::new();
                let link = read_link(current.as_fd(), name, &mut target)?.ok_or(Errno::NOTDIR)?.to_bytes();
                *next = PathBuffer::new();
                if !link.starts_with(b"/") {
                    next.push(path.get(..start).ok_or(Errno::INVAL)?)?;
                }
                next.push(link)?;
                next.push(path.get(end..).ok_or(Errno::INVAL)?)?;
                return Ok(None);
            }
            other => other?,
        };
    }
    Ok(Some(current))
}

/// Where the next component of path begins and ends.
fn component(path: &[u8], from: usize) -> Option<(usize, usize)> {
    let rest = path.get(from..)?;
    let start = from + rest.iter().position(|byte| *byte != b'/')?;
    let end = path.get(start..)?.iter().position(|byte| *byte == b'/').map_or(path.len(), |length| start + length);
    Some((start, end))
}

/// The target of the symlink called name; None when it is something else.
pub fn read_link<'a>(directory: BorrowedFd<'_>, name: &CStr, buffer: &'a mut PathBuffer) -> Result<Option<&'a CStr>> {
    let mut space = [MaybeUninit::uninit(); PATH_MAX];
    match readlinkat_raw(directory, name, &mut space) {
        Ok((target, _)) => buffer.set(target).map(Some),
        Err(Errno::INVAL) => Ok(None),
        Err(errno) => Err(errno),
    }
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
