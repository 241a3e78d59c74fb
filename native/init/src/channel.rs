//! What init says to the runtime: fixed reports, over the sync socket at create, over start's connection afterwards.
use core::cell::Cell;
use tsrun_plan::{Report, ReportKind};
use tsrun_sys::rustix::fd::{BorrowedFd, OwnedFd};
use tsrun_sys::rustix::io::{read, write};
use tsrun_sys::rustix::net::{RecvFlags, recv};
use tsrun_sys::{Errno, Result, message};

pub struct Channel {
    socket: OwnedFd,
    /// Meets at which the runtime has let init go on before it came there.
    free: Cell<u32>,
}

impl Channel {
    pub fn new(socket: OwnedFd) -> Self {
        Self { socket, free: Cell::new(0) }
    }

    /// From now on the other end is start; the runtime that made the container sees its end close.
    pub fn replace(&mut self, socket: OwnedFd) {
        self.socket = socket;
    }

    /// Moves the socket to the lowest free number from first on, close-on-exec; that number.
    pub fn move_to(&mut self, first: u32) -> Result<u32> {
        use tsrun_sys::rustix::fd::AsRawFd;
        let number = self.socket.as_raw_fd().cast_unsigned();
        if number > first {
            self.socket = tsrun_sys::rustix::io::fcntl_dupfd_cloexec(&self.socket, first.cast_signed())?;
        }
        Ok(self.socket.as_raw_fd().cast_unsigned())
    }

    pub fn peer_is_gone(&self) -> bool {
        let mut byte = [0; 1];
        matches!(recv(&self.socket, &mut byte[..], RecvFlags::DONTWAIT | RecvFlags::PEEK), Ok((_, 0)))
    }

    /// By write(2), which every seccomp filter allows. When nobody is there to be told, SIGPIPE ends init, as the error would.
    pub fn report(&self, kind: ReportKind, step: u32, value: i32) -> Result<()> {
        write(&self.socket, &Report { kind, step, value }.to_bytes()).map(drop)
    }

    pub fn fail(&self, step: u32, errno: Errno, words: &[u8]) {
        let mut bytes = [0; Report::SIZE + Report::WORDS];
        let words = &words[..words.len().min(Report::WORDS)];
        let report = Report { kind: ReportKind::Failed, step, value: errno.raw_os_error() };
        bytes[..Report::SIZE].copy_from_slice(&report.to_bytes());
        bytes[Report::SIZE..Report::SIZE + words.len()].copy_from_slice(words);
        // nobody is left to be told when this fails
        let _ = write(&self.socket, &bytes[..Report::SIZE + words.len()]);
    }

    /// Says that init has arrived, and waits until it may go on, if it may not already.
    pub fn meet(&self, step: u32) -> Result<()> {
        self.report(ReportKind::Arrived, step, 0)?;
        if let Some(left) = self.free.get().checked_sub(1) {
            self.free.set(left);
            return Ok(());
        }
        let mut byte = [0; 1];
        loop {
            match read(&self.socket, &mut byte[..]) {
                Ok(0) => return Err(Errno::CONNRESET),
                Ok(_) => return Ok(()),
                Err(Errno::INTR) => {}
                Err(errno) => return Err(errno),
            }
        }
    }

    /// Asks for a descriptor that the step needs and that only the runtime can get.
    pub fn want(&self, step: u32, wanted: i32) -> Result<OwnedFd> {
        self.report(ReportKind::Wanted, step, wanted)?;
        let mut errno = [0; 4];
        loop {
            match message::receive(&self.socket, &mut errno)? {
                (0, _) => return Err(Errno::CONNRESET),
                (_, Some(lent)) => return Ok(lent),
                (1, None) => self.free.set(self.free.get() + 1),
                (_, None) => return Err(Errno::from_raw_os_error(i32::from_le_bytes(errno).max(1))),
            }
        }
    }

    /// The rest of the plan: one byte with one descriptor.
    pub fn receive_plan(&self) -> Result<OwnedFd> {
        match message::receive(&self.socket, &mut [0; 1])? {
            (0, _) => Err(Errno::CONNRESET),
            (_, plan) => plan.ok_or(Errno::BADMSG),
        }
    }

    pub fn send_terminal(&self, step: u32, master: BorrowedFd<'_>) -> Result<()> {
        let bytes = Report { kind: ReportKind::Terminal, step, value: 0 }.to_bytes();
        message::send_descriptor(&self.socket, &bytes, master).map(drop)
    }
}
