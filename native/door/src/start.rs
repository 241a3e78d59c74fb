//! start: the call on init's socket. Whoever is accepted has started the container and hears of a failed execve.
use crate::failure::Trouble;
use crate::init::{Message, receive};
use rustix::fd::OwnedFd;
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, bind, connect, listen, socket_with};
use std::fmt::Write as _;
use std::os::fd::AsRawFd;
use std::path::Path;
use tsrun_plan::ReportKind;

/// The listening socket at path, which init will accept from.
pub fn listen_at(path: &str) -> Result<OwnedFd, Errno> {
    let socket = socket_with(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
    with_address(path, |address| bind(&socket, address))?;
    listen(&socket, 16)?;
    Ok(socket)
}

/// Starts the container behind the socket at path. A step of init that fails is counted from the first after `awaitStart`.
pub fn start(path: &str) -> Result<(), Trouble> {
    let socket = socket_with(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
    with_address(path, |address| connect(&socket, address))?;
    let mut greeted = false;
    let mut first = 0;
    while let Some(Message { report, words, .. }) = receive(&socket)? {
        match report.kind {
            ReportKind::Arrived => {
                greeted = true;
                first = report.step + 1;
            }
            ReportKind::Failed => {
                let _ = rustix::fs::unlink(path);
                let step = report.step.saturating_sub(first);
                return Err(Trouble::Inside { step, errno: report.value, detail: words });
            }
            ReportKind::Forked | ReportKind::Terminal | ReportKind::Wanted | ReportKind::Listener => {
                return Err(Errno::PROTO.into());
            }
        }
    }
    if !greeted {
        // another start was accepted, or init died
        return Err(Errno::CONNREFUSED.into());
    }
    match rustix::fs::unlink(path) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}

/// sun_path has room for 108 bytes; a longer path goes by way of a descriptor of its directory.
pub fn with_address<T>(path: &str, action: impl FnOnce(&SocketAddrUnix) -> Result<T, Errno>) -> Result<T, Errno> {
    if path.len() < 108 {
        return action(&SocketAddrUnix::new(path)?);
    }
    let path = Path::new(path);
    let (Some(parent), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return Err(Errno::INVAL);
    };
    let directory = rustix::fs::open(parent, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    let mut short = String::new();
    let _ = write!(short, "/proc/self/fd/{}/{name}", directory.as_raw_fd());
    action(&SocketAddrUnix::new(short)?)
}
