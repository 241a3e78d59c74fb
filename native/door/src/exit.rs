//! How a container's first process ended. Its parent reaps it, and the kernel forgets it; unless somebody holds a pidfd, which knows
//! (Linux 6.15). A pidfd that is mounted on a file of the state directory is held without any process.
use crate::ending;
use crate::failure::Failure;
use crate::files::kernel_text;
use crate::probe::ProcessId;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{CWD, Mode, OFlags};
use rustix::io::Errno;
use rustix::mount::{MoveMountFlags, OpenTreeFlags, UnmountFlags, move_mount, open_tree, unmount};
use serde::Deserialize;
use tsrun_sys::process::reaped_status;

#[derive(Deserialize)]
pub struct Request {
    process: ProcessId,
    pin: String,
    wait: bool,
}

/// The exit status, 128 + n when signal n ended it; None while it lives, unless it is to be waited for, and where nobody knows.
pub fn status(request: &Request) -> Result<Option<i32>, Failure> {
    let Request { process, ref pin, wait } = *request;
    let pidfd = match ending::open(process) {
        Ok(pidfd) => pidfd,
        Err(Errno::SRCH) => return Ok(pinned(pin).and_then(|pidfd| reaped_status(pidfd.as_fd())).map(exit_code)),
        Err(errno) => return Err(Failure::kernel("pidfd_open", "", errno)),
    };
    if wait {
        while poll(&mut [PollFd::new(&pidfd, PollFlags::IN)], None) == Err(Errno::INTR) {}
    }
    // it may be reaped between two of these looks, but not before the first and after the last
    let known =
        reaped_status(pidfd.as_fd()).or_else(|| zombie_status(process)).or_else(|| reaped_status(pidfd.as_fd()));
    Ok(known.map(exit_code))
}

fn exit_code(status: i32) -> i32 {
    if status & 0x7f == 0 { status >> 8 & 0xff } else { 128 + (status & 0x7f) }
}

fn pinned(path: &str) -> Option<OwnedFd> {
    rustix::fs::open(path, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC, Mode::empty()).ok()
}

/// Field 52 of /proc/PID/stat, of a process that has ended and was not waited for.
fn zombie_status(process: ProcessId) -> Option<i32> {
    let text = kernel_text(format!("/proc/{}/stat", process.pid)).ok()?;
    let fields: Vec<&str> = text.get(text.rfind(')')? + 2..)?.trim_end().split(' ').collect();
    let same = fields.get(19)?.parse() == Ok(process.start_time);
    (same && fields.first() == Some(&"Z")).then(|| fields.get(49)?.parse().ok()).flatten()
}

/// Mounts the pidfd on a new file at path. Without a kernel, or a right, for it nothing is there afterwards: wait says so.
pub fn pin(pidfd: &OwnedFd, path: &str) {
    let mount = || {
        let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC | OpenTreeFlags::AT_EMPTY_PATH;
        let tree = open_tree(pidfd, c"", flags)?;
        drop(rustix::fs::open(path, OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC, Mode::RUSR)?);
        move_mount(&tree, c"", CWD, path, MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH)
    };
    if mount().is_err() {
        let _ = rustix::fs::unlink(path);
    }
}

pub fn unpin(path: &str) {
    let _not_mounted = unmount(path, UnmountFlags::DETACH | UnmountFlags::NOFOLLOW);
}
