//! HOME from the image's /etc/passwd. The file is the image's: it may be a FIFO, endless, or not there.
use core::ffi::CStr;
use tsrun_sys::Result;
use tsrun_sys::rustix::fd::BorrowedFd;
use tsrun_sys::rustix::fs::{CWD, FileType, Mode, OFlags, ResolveFlags, fstat, openat2};
use tsrun_sys::rustix::io::read;

const LIMIT: usize = 1 << 20;

/// "HOME=…" of uid: the sixth field of its line, or / where there is none.
pub fn home_variable(uid: u32) -> Result<&'static CStr> {
    let text = read_passwd().unwrap_or_default();
    let home = text.split(|byte| *byte == b'\n').find_map(|line| home_of(line, uid)).unwrap_or(b"/");
    let variable = tsrun_sys::memory::buffer(home.len() + 6)?;
    variable[..5].copy_from_slice(b"HOME=");
    variable[5..5 + home.len()].copy_from_slice(home);
    Ok(CStr::from_bytes_until_nul(variable).unwrap_or(c"HOME=/"))
}

fn home_of(line: &[u8], uid: u32) -> Option<&[u8]> {
    let mut fields = line.split(|byte| *byte == b':');
    let id = fields.nth(2)?;
    let number: u32 = core::str::from_utf8(id).ok()?.parse().ok()?;
    let home = fields.nth(2)?;
    (number == uid && home.first() == Some(&b'/')).then_some(home)
}

fn read_passwd() -> Option<&'static [u8]> {
    // NONBLOCK: opening a FIFO must not wait for a writer
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = openat2(CWD, c"/etc/passwd", flags, Mode::empty(), ResolveFlags::NO_MAGICLINKS).ok()?;
    let stat = fstat(&file).ok()?;
    let size = usize::try_from(stat.st_size).ok()?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile || size == 0 || size > LIMIT {
        return None;
    }
    let buffer = tsrun_sys::memory::buffer(size).ok()?;
    let filled = fill(tsrun_sys::rustix::fd::AsFd::as_fd(&file), buffer);
    Some(&buffer[..filled])
}

fn fill(file: BorrowedFd<'_>, buffer: &mut [u8]) -> usize {
    let mut filled = 0;
    while filled < buffer.len() {
        match read(file, &mut buffer[filled..]) {
            Ok(count) if count > 0 => filled += count,
            _ => break,
        }
    }
    filled
}
