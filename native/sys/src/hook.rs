//! A hook: a program that reads the container's state, and whose output counts only when it fails. For the library and for
//! init alike: no allocation, no libc, no thread.
use crate::memory::StringArray;
use crate::process::{execute, exit, fork, set_parent_death_signal};
use crate::words::Words;
use crate::{descriptor, security};
use core::ffi::CStr;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::fs::{OFlags, fcntl_setfl};
use rustix::io::{Errno, read, write};
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, chdir, kill_process_group, setpgid, waitpid};
use rustix::time::{ClockId, clock_gettime};

#[derive(Debug)]
pub struct Hook<'a> {
    pub path: &'a CStr,
    pub args: &'a StringArray<'a>,
    pub env: &'a StringArray<'a>,
    /// Where it begins; / where that cannot be entered. Empty: where the caller is.
    pub directory: &'a CStr,
    /// Seconds after which it is killed, with its process group; 0: never.
    pub timeout: u32,
}

/// Runs the hook with both halves of state on its standard input. A failure leaves in words how the hook ended and what it
/// said last; it leaves them empty where the errno (of execve, say) tells all.
/// The caller ignores broken pipes: a hook need not read. What it leaves running in the background is not waited for, even where it holds the hook's output open.
pub fn run(hook: &Hook<'_>, state: [&[u8]; 2], words: &mut Words) -> Result<(), Errno> {
    let (input, to_hook) = pipe_with(PipeFlags::CLOEXEC)?;
    let (from_hook, output) = pipe_with(PipeFlags::CLOEXEC)?;
    let (failure, its_failure) = pipe_with(PipeFlags::CLOEXEC)?;
    let Some((pid, pidfd)) = fork()? else {
        let errno = become_hook(hook, [input.as_fd(), output.as_fd()], its_failure.as_fd());
        let _nobody_is_left_to_tell = write(&its_failure, &errno.raw_os_error().to_ne_bytes());
        exit(127)
    };
    drop((input, output, its_failure));
    for end in [&to_hook, &from_hook, &failure] {
        fcntl_setfl(end, OFlags::NONBLOCK)?;
    }
    let talk = Talk { input: Some(to_hook), state, output: Some(from_hook), said: Words::new() };
    let (status, said) = talk.attend(pid, &pidfd, hook.timeout)?;
    let mut errno = [0; 4];
    if let Ok(4) = read(&failure, &mut errno[..]) {
        return Err(Errno::from_raw_os_error(i32::from_ne_bytes(errno)));
    }
    let errno = match status {
        Some(status) if status.exit_status() == Some(0) => return Ok(()),
        Some(status) => {
            describe(status, words);
            Errno::CHILD
        }
        None => {
            words.push(b"no end after ").push_number(hook.timeout).push(b" s");
            Errno::TIMEDOUT
        }
    };
    if !said.is_empty() {
        words.push(b": ").push(said.bytes());
    }
    Err(errno)
}

fn describe(status: WaitStatus, words: &mut Words) {
    match status.terminating_signal() {
        Some(signal) => words.push(b"killed by signal ").push_number(signal.cast_unsigned()),
        None => words.push(b"exit status ").push_number(status.exit_status().unwrap_or(0).cast_unsigned()),
    };
}

/// In the child. Returns only on failure.
fn become_hook(hook: &Hook<'_>, [input, output]: [BorrowedFd<'_>; 2], failure: BorrowedFd<'_>) -> Errno {
    let prepare = || {
        security::reset_signals();
        // a hook of a runtime that was killed must not outlive it
        set_parent_death_signal(9)?;
        // whatever it starts can be killed with it
        let _refused_to_a_session_leader = setpgid(None, None);
        // first out of the way of the numbers that are replaced, as a caller may run with 0 to 2 closed
        let failure = rustix::io::fcntl_dupfd_cloexec(failure, 3)?;
        let [input, output] = [rustix::io::fcntl_dupfd_cloexec(input, 3)?, rustix::io::fcntl_dupfd_cloexec(output, 3)?];
        descriptor::replace(input.as_fd(), 0)?;
        descriptor::replace(output.as_fd(), 1)?;
        descriptor::replace(output.as_fd(), 2)?;
        descriptor::close_on_exec_from(3)?;
        core::mem::forget((failure, input, output));
        if !hook.directory.is_empty() {
            chdir(hook.directory).or_else(|_| chdir(c"/"))?;
        }
        Ok(())
    };
    match prepare() {
        Ok(()) => execute(hook.path, hook.args, hook.env),
        Err(errno) => errno,
    }
}

/// What goes to a hook and comes from it.
struct Talk<'a> {
    input: Option<OwnedFd>,
    state: [&'a [u8]; 2],
    output: Option<OwnedFd>,
    said: Words,
}

impl Talk<'_> {
    /// Until the hook has ended; None when it had to be killed.
    fn attend(mut self, pid: Pid, pidfd: &OwnedFd, timeout: u32) -> Result<(Option<WaitStatus>, Words), Errno> {
        let end = clock_gettime(ClockId::Monotonic).tv_sec + i64::from(timeout);
        loop {
            let mut polls = [PollFd::new(pidfd, PollFlags::IN), never(pidfd), never(pidfd)];
            if let Some(input) = &self.input {
                polls[1] = PollFd::new(input, PollFlags::OUT);
            }
            if let Some(output) = &self.output {
                polls[2] = PollFd::new(output, PollFlags::IN);
            }
            let left = Timespec { tv_sec: end - clock_gettime(ClockId::Monotonic).tv_sec, tv_nsec: 0 };
            let expired = timeout != 0 && left.tv_sec < 0;
            // a little late rather than early: seconds are counted whole
            let patience = Timespec { tv_sec: left.tv_sec.max(0), tv_nsec: 500_000_000 };
            match poll(&mut polls, (timeout != 0).then_some(&patience)) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(errno) => return Err(errno),
            }
            let [ended, writable, readable] = polls.map(|one| !one.revents().is_empty());
            if writable {
                self.tell();
            }
            if readable {
                self.listen();
            }
            if ended {
                // what it said last; not what others say for ever
                for _ in 0..64 {
                    self.listen();
                }
                return Ok((reap(pid)?, self.said));
            }
            if expired {
                let _gone = kill_process_group(pid, Signal::KILL);
                let _gone = crate::process::send_signal(pidfd.as_fd(), 9);
                reap(pid)?;
                self.listen();
                return Ok((None, self.said));
            }
        }
    }

    /// Writes what the pipe takes; closes it after the last byte, or when nobody reads.
    fn tell(&mut self) {
        let Some(input) = &self.input else { return };
        let half = usize::from(self.state[0].is_empty());
        match write(input, self.state[half]) {
            Ok(count) => self.state[half] = &self.state[half][count..],
            Err(Errno::AGAIN | Errno::INTR) => {}
            Err(_) => self.state = [&[]; 2],
        }
        if self.state.iter().all(|half| half.is_empty()) {
            self.input = None;
        }
    }

    fn listen(&mut self) {
        let Some(output) = &self.output else { return };
        let mut buffer = [0; 4096];
        match read(output, &mut buffer[..]) {
            Ok(0) => self.output = None,
            Ok(count) => drop(self.said.push(&buffer[..count])),
            Err(_) => {}
        }
    }
}

/// Stands in for a stream that is closed.
fn never(any: &OwnedFd) -> PollFd<'_> {
    PollFd::new(any, PollFlags::empty())
}

fn reap(pid: Pid) -> Result<Option<WaitStatus>, Errno> {
    loop {
        match waitpid(Some(pid), WaitOptions::empty()) {
            Err(Errno::INTR) => {}
            other => return Ok(other?.map(|(_, status)| status)),
        }
    }
}
