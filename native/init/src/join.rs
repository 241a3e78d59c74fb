//! Joining what exists already: cgroups, namespaces by path, and all namespaces of a process.
use crate::path::PathBuffer;
use core::ffi::CStr;
use tsrun_sys::rustix::fd::{AsFd, OwnedFd};
use tsrun_sys::rustix::fs::{Mode, OFlags, fstat, open, stat};
use tsrun_sys::rustix::io::{read, write};
use tsrun_sys::rustix::process::{Pid, PidfdFlags, pidfd_open};
use tsrun_sys::{Errno, Result, namespace};

const CLONE_NEWUSER: u64 = 0x1000_0000;

pub fn cgroup(path: &CStr) -> Result<()> {
    let file = open(path, OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty())?;
    write(&file, b"0").map(drop)
}

pub fn namespace(kind: u64, path: &CStr, unlike: &CStr) -> Result<()> {
    let file = open(path, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC, Mode::empty())?;
    if !unlike.is_empty() {
        let (found, other) = (fstat(&file)?, stat(unlike)?);
        if (found.st_dev, found.st_ino) == (other.st_dev, other.st_ino) {
            return Err(Errno::PERM);
        }
    }
    match namespace::kind(file.as_fd()) {
        Ok(found) if found == kind => namespace::join(file.as_fd()),
        Ok(_) | Err(Errno::NOTTY) => Err(Errno::INVAL),
        Err(errno) => Err(errno),
    }
}

/// The namespaces of a process in one call: all of them, or none. The kernel looks at the process behind the pidfd, not at a
/// pid that may be another's by now.
pub fn process(pid: u32, start_time: u64, namespaces: u64, others: u64) -> Result<()> {
    let process = open_process(pid, start_time)?;
    let mut namespaces = namespaces;
    if namespaces & CLONE_NEWUSER != 0 && same_user_namespace(pid)? {
        // joining the one that one is in is refused
        namespaces &= !CLONE_NEWUSER;
    }
    match namespace::join_process(process.as_fd(), namespaces | others) {
        // root of a user namespace may not join what belongs to the host, and the container shares it with the host then
        Err(Errno::PERM) if namespaces != 0 => namespace::join_process(process.as_fd(), namespaces),
        other => other,
    }
}

/// A pidfd, opened before the start time is compared: a reused pid cannot slip in between.
fn open_process(pid: u32, start_time: u64) -> Result<OwnedFd> {
    let raw = i32::try_from(pid).ok().and_then(Pid::from_raw).ok_or(Errno::SRCH)?;
    let pidfd = pidfd_open(raw, PidfdFlags::empty())?;
    let mut path = PathBuffer::new();
    of_process(&mut path, pid, b"/stat")?;
    let file = open(path.as_c_str()?, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).map_err(|_| Errno::SRCH)?;
    let mut bytes = [0_u8; 1024];
    let length = read(&file, &mut bytes[..]).map_err(|_| Errno::SRCH)?;
    if started(&bytes[..length]) == Some(start_time) { Ok(pidfd) } else { Err(Errno::SRCH) }
}

/// Field 22 of /proc/PID/stat; the name before it, in parentheses, may itself hold spaces and parentheses.
fn started(stat: &[u8]) -> Option<u64> {
    let name_end = stat.iter().rposition(|byte| *byte == b')')?;
    let field = stat.get(name_end + 2..)?.split(|byte| *byte == b' ').nth(19)?;
    core::str::from_utf8(field).ok()?.parse().ok()
}

fn same_user_namespace(pid: u32) -> Result<bool> {
    let mut path = PathBuffer::new();
    of_process(&mut path, pid, b"/ns/user")?;
    let (own, theirs) = (stat(c"/proc/self/ns/user")?, stat(path.as_c_str()?).map_err(|_| Errno::SRCH)?);
    Ok((own.st_dev, own.st_ino) == (theirs.st_dev, theirs.st_ino))
}

fn of_process(path: &mut PathBuffer, pid: u32, file: &[u8]) -> Result<()> {
    let mut digits = [0_u8; 10];
    let (mut at, mut rest) = (digits.len(), pid);
    while rest > 0 {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    path.push(b"/proc/")?;
    path.push(&digits[at..])?;
    path.push(file)
}
