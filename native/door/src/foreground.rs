//! A container in the foreground: its signals, its terminal, its exit status.
use crate::failure::Failure;
use crate::perform::TERMINAL;
use crate::relay::{Ready, Relay};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::{AsFd, OwnedFd};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, WaitOptions, WaitStatus};
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

const SIGHUP: u8 = 1;
const SIGINT: u8 = 2;
const SIGQUIT: u8 = 3;
const SIGTERM: u8 = 15;
const SIGCHLD: u8 = 17;
const SIGURG: u8 = 23;
const SIGWINCH: u8 = 28;

/// Exit status of the program; 128 + n when signal n ended it.
pub fn wait(request: &Request) -> Result<i32, Failure> {
    let Wait { pid, terminal } = request.request;
    let failed = |op: &'static str| move |errno| Failure::kernel(op, "", errno);
    let pid = Pid::from_raw(pid).ok_or_else(|| Failure::kernel("wait", "", Errno::CHILD))?;
    let pidfd = rustix::process::pidfd_open(pid, PidfdFlags::empty()).map_err(failed("pidfd_open"))?;
    let signals = tsrun_sys::signal::catch_all().map_err(failed("sigaction"))?;
    let master = TERMINAL.lock().unwrap_or_else(PoisonError::into_inner).take().filter(|_| terminal);
    let mut relay = master.map(Relay::new);
    let mut ended = None;
    loop {
        let (signalled, ready) =
            wait_for(ended.is_none().then_some(&pidfd), &signals, relay.as_ref()).map_err(failed("poll"))?;
        if signalled {
            let last = forward(&signals, &pidfd, relay.as_ref());
            if ended.is_some() && last {
                // nobody reads what the program wrote last, and somebody wants an end
                relay = None;
            }
        }
        if let Some(relay) = &mut relay {
            relay.copy(ready);
        }
        ended = ended.or_else(|| reap(pid));
        if let Some(status) = ended
            && relay.as_mut().is_none_or(Relay::drained)
        {
            return Ok(exit_code(status));
        }
    }
}

/// Waits until something happens: whether a signal came, and what the relay can do.
fn wait_for(pidfd: Option<&OwnedFd>, signals: &OwnedFd, relay: Option<&Relay>) -> Result<(bool, Ready), Errno> {
    const LOOK_AGAIN: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
    let relayed = relay.map(Relay::polls).unwrap_or_default();
    let wanted = relayed.each_ref().map(Option::is_some);
    let mut polls = vec![PollFd::new(signals, PollFlags::IN)];
    polls.extend(relayed.into_iter().flatten());
    polls.extend(pidfd.map(|pidfd| PollFd::new(pidfd, PollFlags::IN)));
    let patience = relay.is_some_and(Relay::must_look_again).then_some(&LOOK_AGAIN);
    match poll(&mut polls, patience) {
        Err(Errno::INTR) => return Ok((false, Ready::default())),
        other => other?,
    };
    let mut happened = polls.iter().map(|one| !one.revents().is_empty());
    let signalled = happened.next() == Some(true);
    Ok((signalled, wanted.map(|wanted| wanted && happened.next() == Some(true))))
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

/// Passes signals on; true if one of them was to end the container.
fn forward(signals: &OwnedFd, pidfd: &OwnedFd, relay: Option<&Relay>) -> bool {
    let mut ending = false;
    let mut numbers = [0_u8; 64];
    while let Ok(count) = rustix::io::read(signals, &mut numbers[..]) {
        for signal in &numbers[..count] {
            match (*signal, relay) {
                (SIGCHLD | SIGURG, _) => {}
                (SIGWINCH, Some(relay)) => relay.resize(),
                _ => drop(tsrun_sys::process::send_signal(pidfd.as_fd(), u32::from(*signal))),
            }
            ending |= matches!(*signal, SIGHUP | SIGINT | SIGQUIT | SIGTERM);
        }
        if count < numbers.len() {
            break;
        }
    }
    ending
}
