//! The end of a container: signals to a process that is surely the right one, and waiting until it is gone.
use crate::failure::Trouble;
use crate::freezer::thaw_tree;
use crate::probe::{ProcessId, status};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::{AsFd, OwnedFd};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use std::path::Path;
use std::time::{Duration, Instant};
use tsrun_plan::owned::outside::{Signal, WaitGone};

/// How often frozen cgroups of a process that does not end are thawed.
const THAWING: Duration = Duration::from_millis(20);

/// A pidfd of the process, opened before its start time is compared: a reused pid cannot slip in between.
pub fn open(process: ProcessId) -> Result<OwnedFd, Errno> {
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
    let deadline = Instant::now() + Duration::from_millis(u64::from(op.timeout));
    let mut polled = [PollFd::new(&pidfd, PollFlags::IN)];
    loop {
        let rest = deadline.saturating_duration_since(Instant::now());
        let rest = if op.thaw.is_empty() { rest } else { rest.min(THAWING) };
        let timeout = Timespec { tv_sec: rest.as_secs() as i64, tv_nsec: rest.subsec_nanos().into() };
        match poll(&mut polled, Some(&timeout)) {
            Err(Errno::INTR) => {}
            Ok(0) if Instant::now() >= deadline => return Err(Errno::TIMEDOUT.into()),
            Ok(0) => thaw_tree(Path::new(&op.thaw)),
            Ok(_) => return Ok(()),
            Err(errno) => return Err(errno.into()),
        }
    }
}
