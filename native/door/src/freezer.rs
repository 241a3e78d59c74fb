//! Freezing: a paused container's processes stand still until they are thawed.
use crate::cgroup::children;
use crate::failure::Trouble;
use crate::files::{kernel_text, write_once};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use std::path::Path;
use std::time::{Duration, Instant};
use tsrun_plan::owned::outside::Freeze;

/// How long the kernel may take.
const PATIENCE: Duration = Duration::from_secs(10);

pub fn set(op: &Freeze) -> Result<(), Trouble> {
    let directory = Path::new(&op.directory);
    let deadline = Instant::now() + PATIENCE;
    let outcome = match (op.version, op.frozen) {
        (1, true) => freeze_v1(directory, deadline),
        (1, false) => Ok(write_once(directory.join(STATE), "THAWED")?),
        (_, frozen) => set_v2(directory, frozen, deadline),
    };
    if outcome.is_err() && op.frozen {
        let (file, value) = if op.version == 1 { (STATE, "THAWED") } else { ("cgroup.freeze", "0") };
        let _ = write_once(directory.join(file), value);
    }
    outcome
}

const STATE: &str = "freezer.state";

/// cgroup v1 stays FREEZING while a process forks faster than it freezes, or waits where it cannot be frozen: asked again it
/// looks again, and thawed for a moment the process leaves the place where it waits.
fn freeze_v1(directory: &Path, deadline: Instant) -> Result<(), Trouble> {
    let state = directory.join(STATE);
    for attempt in 1_u32.. {
        write_once(&state, "FROZEN")?;
        if kernel_text(&state)?.trim() == "FROZEN" {
            return Ok(());
        }
        if Instant::now() > deadline {
            break;
        }
        if attempt.is_multiple_of(64) {
            write_once(&state, "THAWED")?;
            std::thread::sleep(Duration::from_millis(5));
        }
        std::thread::sleep(Duration::from_micros(u64::from(attempt.min(50)) * 100));
    }
    Err(Trouble::Detail(Errno::TIMEDOUT, "its processes cannot be frozen".to_owned()))
}

/// cgroup.events tells when every process stands still; the kernel wakes those who poll it.
fn set_v2(directory: &Path, frozen: bool, deadline: Instant) -> Result<(), Trouble> {
    let events = rustix::fs::open(directory.join("cgroup.events"), OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
    write_once(directory.join("cgroup.freeze"), if frozen { "1" } else { "0" })?;
    let wanted = if frozen { "frozen 1" } else { "frozen 0" };
    loop {
        let mut buffer = [0; 256];
        let count = rustix::io::pread(&events, &mut buffer[..], 0)?;
        if String::from_utf8_lossy(&buffer[..count]).lines().any(|line| line == wanted) {
            return Ok(());
        }
        let rest = deadline.saturating_duration_since(Instant::now());
        let timeout = Timespec { tv_sec: rest.as_secs() as i64, tv_nsec: rest.subsec_nanos().into() };
        match poll(&mut [PollFd::new(&events, PollFlags::PRI)], Some(&timeout)) {
            Ok(0) => return Err(Trouble::Detail(Errno::TIMEDOUT, "its processes cannot be frozen".to_owned())),
            Ok(_) | Err(Errno::INTR) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
}

/// Thaws a cgroup v1 and those below it, which the container may have made and frozen. Whatever cannot be thawed is not frozen.
pub fn thaw_tree(directory: &Path) {
    let _ = write_once(directory.join(STATE), "THAWED");
    for child in children(directory) {
        thaw_tree(&child);
    }
}
