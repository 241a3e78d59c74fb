//! A container in the foreground: its signals, its terminal, its exit status.
use crate::failure::Failure;
use crate::perform::TERMINAL;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, WaitOptions, WaitStatus};
use rustix::termios::{OptionalActions, Termios};
use serde::Deserialize;
use std::sync::PoisonError;

#[derive(Deserialize)]
pub struct Request {
    request: Wait,
}

#[derive(Deserialize)]
struct Wait {
    pid: i32,
    terminal: bool,
}

const SIGWINCH: u8 = 28;
const SIGCHLD: u8 = 17;
const SIGURG: u8 = 23;

/// Exit status of the program; 128 + n when signal n ended it.
pub fn wait(request: &Request) -> Result<i32, Failure> {
    let Wait { pid, terminal } = request.request;
    let failed = |op: &'static str| move |errno| Failure::kernel(op, "", errno);
    let pid = Pid::from_raw(pid).ok_or_else(|| Failure::kernel("wait", "", Errno::CHILD))?;
    let pidfd = rustix::process::pidfd_open(pid, PidfdFlags::empty()).map_err(failed("pidfd_open"))?;
    let signals = tsrun_sys::signal::catch_all().map_err(failed("sigaction"))?;
    let master = TERMINAL.lock().unwrap_or_else(PoisonError::into_inner).take().filter(|_| terminal);
    let mut relay = master.map(Relay::new);
    loop {
        let relayed = relay.as_ref().map(Relay::polls);
        let mut polls = vec![PollFd::new(&pidfd, PollFlags::IN), PollFd::new(&signals, PollFlags::IN)];
        polls.extend(relayed.into_iter().flatten());
        match poll(&mut polls, None) {
            Err(Errno::INTR) => continue,
            other => other.map_err(failed("poll"))?,
        };
        let ready: Vec<bool> = polls.iter().map(|one| !one.revents().is_empty()).collect();
        drop(polls);
        if ready[1] {
            forward(&signals, &pidfd, relay.as_ref());
        }
        if let Some(relay) = &mut relay {
            relay.copy(ready.get(2) == Some(&true), ready.get(3) == Some(&true));
        }
        if let Some(status) = reap(pid) {
            if let Some(relay) = &mut relay {
                relay.drain();
            }
            return Ok(exit_code(status));
        }
    }
}

/// Orphans of the container come to this process, which reaps them.
pub fn become_subreaper() -> Result<(), Failure> {
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))
        .map_err(|errno| Failure::kernel("prctl", "PR_SET_CHILD_SUBREAPER", errno))
}

fn exit_code(status: WaitStatus) -> i32 {
    status.terminating_signal().map_or_else(|| status.exit_status().unwrap_or(0), |signal| 128 + signal)
}

/// Reaps whatever has ended; the status of our own container if it is among them. As a subreaper the runtime also gets the
/// orphans of a container without a pid namespace.
fn reap(own: Pid) -> Option<WaitStatus> {
    while let Ok(Some((pid, status))) = rustix::process::wait(WaitOptions::NOHANG) {
        if pid == own {
            return Some(status);
        }
    }
    None
}

fn forward(signals: &OwnedFd, pidfd: &OwnedFd, relay: Option<&Relay>) {
    let mut numbers = [0_u8; 64];
    while let Ok(count) = rustix::io::read(signals, &mut numbers[..]) {
        for signal in &numbers[..count] {
            match (*signal, relay) {
                (SIGCHLD | SIGURG, _) => {}
                (SIGWINCH, Some(relay)) => tsrun_sys::signal::copy_window_size(stdin(), relay.master.as_fd()),
                _ => drop(tsrun_sys::process::send_signal(pidfd.as_fd(), u32::from(*signal))),
            }
        }
        if count < numbers.len() {
            return;
        }
    }
}

fn stdin() -> BorrowedFd<'static> {
    tsrun_sys::descriptor::borrowed(0)
}

fn stdout() -> BorrowedFd<'static> {
    tsrun_sys::descriptor::borrowed(1)
}

/// Copies between the caller's terminal, raw meanwhile, and the container's.
struct Relay {
    master: OwnedFd,
    /// Settings of the caller's terminal, to be restored.
    saved: Option<Termios>,
    input_open: bool,
}

impl Relay {
    fn new(master: OwnedFd) -> Self {
        let saved = rustix::termios::tcgetattr(stdin()).ok();
        if let Some(saved) = &saved {
            let mut raw = saved.clone();
            raw.make_raw();
            let _ = rustix::termios::tcsetattr(stdin(), OptionalActions::Now, &raw);
            tsrun_sys::signal::copy_window_size(stdin(), master.as_fd());
        }
        Self { master, saved, input_open: true }
    }

    fn polls(&self) -> [PollFd<'_>; 2] {
        let input = if self.input_open { PollFlags::IN } else { PollFlags::empty() };
        [PollFd::new(&self.master, PollFlags::IN), PollFd::from_borrowed_fd(stdin(), input)]
    }

    fn copy(&mut self, output: bool, input: bool) {
        if output {
            copy_once(self.master.as_fd(), stdout());
        }
        if input && self.input_open {
            self.input_open = copy_once(stdin(), self.master.as_fd());
        }
    }

    /// What the program wrote last is still in the pty when it has ended.
    fn drain(&mut self) {
        let none = rustix::event::Timespec { tv_sec: 0, tv_nsec: 0 };
        loop {
            let mut polls = [PollFd::new(&self.master, PollFlags::IN)];
            match poll(&mut polls, Some(&none)) {
                Ok(1) if polls[0].revents().contains(PollFlags::IN) => {}
                _ => return,
            }
            if !copy_once(self.master.as_fd(), stdout()) {
                return;
            }
        }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        if let Some(saved) = &self.saved {
            let _ = rustix::termios::tcsetattr(stdin(), OptionalActions::Now, saved);
        }
    }
}

/// False at the end of the source.
fn copy_once(from: BorrowedFd<'_>, to: BorrowedFd<'_>) -> bool {
    let mut buffer = [0_u8; 16384];
    match rustix::io::read(from, &mut buffer[..]) {
        Ok(0) => false,
        Ok(count) => {
            let mut rest = &buffer[..count];
            while !rest.is_empty() {
                match rustix::io::write(to, rest) {
                    Ok(written) => rest = &rest[written..],
                    Err(Errno::INTR | Errno::AGAIN) => {}
                    Err(_) => return true,
                }
            }
            true
        }
        Err(Errno::INTR | Errno::AGAIN) => true,
        Err(_) => false,
    }
}
