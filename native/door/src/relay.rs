//! Copies between the caller's terminal, raw meanwhile, and the container's. Nothing waits but poll(2): whoever reads slowly
//! slows the program down, but neither signals nor the end of the program are missed, and memory stays as it is.
use rustix::event::{PollFd, PollFlags};
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::termios::{OptionalActions, Termios, isatty};

/// What a pipe takes without waiting when poll(2) says that it takes something: a page.
const PIECE: usize = 4096;
/// As much as the kernel keeps for a terminal.
const ROOM: usize = 65536;

pub struct Relay {
    master: OwnedFd,
    /// The caller's terminal once more, to write without waiting; none where descriptor 1 is something else.
    screen: Option<OwnedFd>,
    /// Settings of the caller's terminal, to be restored.
    saved: Option<Termios>,
    output: Flow,
    input: Flow,
    input_open: bool,
    /// No process has the container's end open; one may open it again.
    hung_up: bool,
    /// What may still be read once the program has ended: others may go on writing for ever.
    left: Option<usize>,
}

/// In the order of [`Relay::polls`]: the container's terminal, the caller's input, the caller's output.
pub type Ready = [bool; 3];

impl Relay {
    pub fn new(master: OwnedFd) -> Self {
        // init has closed its copy, so that nobody else sees the change
        let _ = rustix::io::ioctl_fionbio(&master, true);
        let saved = rustix::termios::tcgetattr(stdin()).ok();
        if let Some(saved) = &saved {
            let mut raw = saved.clone();
            raw.make_raw();
            let _ = rustix::termios::tcsetattr(stdin(), OptionalActions::Now, &raw);
        }
        let (output, input) = (Flow::new(), Flow::new());
        let relay =
            Self { master, screen: screen(), saved, output, input, input_open: true, hung_up: false, left: None };
        relay.resize();
        relay
    }

    /// Gives the container's terminal the size of the caller's.
    pub fn resize(&self) {
        if self.saved.is_some() {
            tsrun_sys::signal::copy_window_size(stdin(), self.master.as_fd());
        }
    }

    /// What to wait for. A descriptor that is of no interest now is left out: its end would be reported again and again.
    pub fn polls(&self) -> [Option<PollFd<'_>>; 3] {
        let screen: BorrowedFd<'_> = match &self.screen {
            Some(screen) => screen.as_fd(),
            None => stdout(),
        };
        let poll = |descriptor, read: bool, write: bool| {
            let flags = if read { PollFlags::IN } else { PollFlags::empty() }
                | if write { PollFlags::OUT } else { PollFlags::empty() };
            (read || write).then(|| PollFd::from_borrowed_fd(descriptor, flags))
        };
        [
            poll(self.master.as_fd(), self.output.has_room() && !self.hung_up, self.input.holds() && !self.hung_up),
            poll(stdin(), self.input_open && self.input.has_room(), false),
            poll(screen, false, self.output.holds()),
        ]
    }

    /// Nothing tells when a process opens the container's end again.
    pub fn must_look_again(&self) -> bool {
        self.hung_up
    }

    /// Moves what can be moved.
    pub fn copy(&mut self, [master, input, output]: Ready) {
        if input {
            self.input_open = self.input.fill(stdin()) != Filled::End;
        }
        if self.input.holds() && self.input.write(self.master.as_fd(), ROOM).is_err() {
            self.input.forget();
        }
        if (master || self.hung_up) && self.output.has_room() && self.left != Some(0) {
            let filled = self.output.fill(self.master.as_fd());
            self.hung_up = filled == Filled::End;
            self.left = match (self.left, filled) {
                (Some(left), Filled::Some(count)) => Some(left.saturating_sub(count)),
                (Some(_), _) => Some(0),
                (None, _) => None,
            };
        }
        if !self.output.holds() {
            return;
        }
        let written = match &self.screen {
            Some(screen) => self.output.write(screen.as_fd(), ROOM),
            None if output => self.output.write(stdout(), PIECE),
            None => Ok(()),
        };
        if written.is_err() {
            // nobody reads any more, which must not hold the program up
            self.output.forget();
        }
    }

    /// The program has ended. What it wrote last is still in the terminal; true when all of it was passed on.
    pub fn drained(&mut self) -> bool {
        self.left.get_or_insert(2 * ROOM);
        self.copy([true, false, false]);
        self.left == Some(0) && !self.output.holds()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        if let Some(saved) = &self.saved {
            let _ = rustix::termios::tcsetattr(stdin(), OptionalActions::Now, saved);
        }
    }
}

/// A terminal that has room for less than it is given lets the writer wait. Opened anew it can be made not to; the
/// description behind descriptor 1 belongs to others as well.
fn screen() -> Option<OwnedFd> {
    let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    isatty(stdout()).then(|| rustix::fs::open("/proc/self/fd/1", flags, Mode::empty()).ok()).flatten()
}

fn stdin() -> BorrowedFd<'static> {
    tsrun_sys::descriptor::borrowed(0)
}

fn stdout() -> BorrowedFd<'static> {
    tsrun_sys::descriptor::borrowed(1)
}

/// What was read in one direction and is not yet written.
struct Flow {
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Filled {
    Some(usize),
    Nothing,
    End,
}

impl Flow {
    fn new() -> Self {
        Self { buffer: vec![0; ROOM].into_boxed_slice(), start: 0, end: 0 }
    }

    fn has_room(&self) -> bool {
        self.end < self.buffer.len()
    }

    fn holds(&self) -> bool {
        self.start < self.end
    }

    fn forget(&mut self) {
        (self.start, self.end) = (0, 0);
    }

    /// One read(2), after which more may be there.
    fn fill(&mut self, from: BorrowedFd<'_>) -> Filled {
        match rustix::io::read(from, &mut self.buffer[self.end..]) {
            Ok(0) => Filled::End,
            Ok(count) => {
                self.end += count;
                Filled::Some(count)
            }
            Err(Errno::INTR | Errno::AGAIN) => Filled::Nothing,
            Err(_) => Filled::End,
        }
    }

    /// One write(2) of at most piece bytes.
    fn write(&mut self, to: BorrowedFd<'_>, piece: usize) -> Result<(), Errno> {
        let end = self.end.min(self.start + piece);
        match rustix::io::write(to, &self.buffer[self.start..end]) {
            Ok(count) => self.start += count,
            Err(Errno::INTR | Errno::AGAIN) => {}
            Err(errno) => return Err(errno),
        }
        if self.start == self.end {
            self.forget();
        }
        Ok(())
    }
}
