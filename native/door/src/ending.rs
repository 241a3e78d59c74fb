//! The end of a container: signals to a process that is surely the right one, and waiting until it is gone.
use crate::failure::Trouble;
use crate::probe::{ProcessId, status};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::{AsFd, OwnedFd};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use tsrun_plan::owned::outside::{Signal, WaitGone};

/// A pidfd of the process, opened before its start time is compared: a reused pid cannot slip in between.
fn open(process: ProcessId) -> Result<OwnedFd, Errno> {
    let pid = Pid::from_raw(process.pid).ok_or(Errno::SRCH)?;
    let pidfd = pidfd_open(pid, PidfdFlags::empty())?;
    if status(process.pid)?.1 == process.start_time { Ok(pidfd) } else { Err(Errno::SRCH) }
}

pub fn signal(op: &Signal) -> Result<(), Trouble> {
    let pidfd = open(ProcessId { pid: op.pid.cast_signed(), start_time: op.start_time })?;
    Ok(tsrun_sys::process::send_signal(pidfd.as_fd(), op.signal)?)
}

pub fn wait_gone(op: &WaitGone) -> Result<(), Trouble> {
    let pidfd = match open(ProcessId { pid: op.pid.cast_signed(), start_time: op.start_time }) {
        Err(Errno::SRCH) => return Ok(()),
        other => other?,
    };
    let timeout = Timespec { tv_sec: i64::from(op.timeout / 1000), tv_nsec: i64::from(op.timeout % 1000) * 1_000_000 };
    let mut polled = [PollFd::new(&pidfd, PollFlags::IN)];
    loop {
        match poll(&mut polled, Some(&timeout)) {
            Err(Errno::INTR) => {}
            Ok(0) => return Err(Errno::TIMEDOUT.into()),
            Ok(_) => return Ok(()),
            Err(errno) => return Err(errno.into()),
        }
    }
}
