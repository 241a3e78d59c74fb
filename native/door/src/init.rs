//! init seen from outside: its birth, its reports, its end.
use crate::failure::Trouble;
use crate::files::write_all;
use crate::probe::{ProcessId, status};
use rustix::fd::{AsFd, AsRawFd, OwnedFd};
use rustix::fs::{MemfdFlags, Mode, OFlags, SealFlags};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SendFlags, SocketFlags, SocketType, send};
use rustix::process::{Pid, PidfdFlags, PidfdGetfdFlags, WaitOptions, WaitStatus};
use std::ffi::CString;
use tsrun_plan::{Report, ReportKind};
use tsrun_sys::message;
use tsrun_sys::spawn::{Child, Spawn, spawn};

/// The static program that runs inside; see native/init.
const EXECUTABLE: &[u8] = include_bytes!(env!("TSRUN_INIT"));
const EXECUTABLE_NAME: &str = "tsrun-init";
/// What /proc/PID/exe of an init says that has not yet executed the container's program.
pub const EXE_LINK: &str = "/memfd:tsrun-init";

pub struct Init {
    pid: Pid,
    pidfd: Option<OwnedFd>,
    /// The process that was spawned; init may go on in a sibling.
    child: Child,
    channel: OwnedFd,
    pub terminal: Option<OwnedFd>,
}

/// Answers what init wants: the number of its step, its pid, and a LEND_ number of the plan.
pub type Lender<'a> = &'a dyn Fn(u32, i32, i32) -> Result<OwnedFd, Errno>;

/// How init is to be born.
pub struct Birth<'a> {
    pub namespaces: u64,
    pub cgroup: &'a str,
    /// A process into whose cgroup v2 it goes where it may not go into `cgroup`; 0: none.
    pub near: u32,
    pub preserve: u32,
    pub plan: &'a [u8],
    pub listener: Option<&'a OwnedFd>,
}

/// What init says that the runtime waits for.
enum Event {
    /// At a meet, by its step.
    Arrived(u32),
    /// The listener of its seccomp filter has this number there.
    Listening(i32),
    /// The channel is closed.
    End,
}

impl Init {
    pub fn spawn(birth: &Birth) -> Result<Self, Errno> {
        let first = 3 + birth.preserve.cast_signed();
        let marked = tsrun_sys::descriptor::inherited_but_marked(first);
        let executable = sealed_memfd(EXECUTABLE_NAME, EXECUTABLE)?;
        let plan = sealed_memfd("tsrun-plan", birth.plan)?;
        let (channel, theirs) =
            rustix::net::socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
        // above the numbers that init gets, so that giving one does not overwrite another
        let above = |descriptor: &OwnedFd| rustix::io::fcntl_dupfd_cloexec(descriptor, first + 3);
        let given = [Some(&theirs), Some(&plan), birth.listener]
            .into_iter()
            .flatten()
            .map(above)
            .collect::<Result<Vec<_>, _>>()?;
        let executable = above(&executable)?;
        let argument = CString::new(first.to_string()).map_err(|_| Errno::INVAL)?;
        let given = given.iter().map(AsFd::as_fd).collect::<Vec<_>>();
        let born_in = |cgroup: &str| {
            let cgroup = if cgroup.is_empty() { None } else { Some(open_cgroup(cgroup)?) };
            spawn(&Spawn {
                namespaces: birth.namespaces,
                cgroup: cgroup.as_ref().map(AsFd::as_fd),
                executable: executable.as_fd(),
                given: &given,
                first,
                marked,
                argument: &argument,
            })
        };
        let child = match born_in(birth.cgroup) {
            // a cgroup that has children with controllers takes no processes: the container's own have moved on
            Err(Errno::NOENT | Errno::BUSY | Errno::OPNOTSUPP) if birth.near != 0 => {
                born_in(&crate::facts::unified_cgroup(birth.near)?)?
            }
            other => other?,
        };
        let pid = Pid::from_raw(child.pid).ok_or(Errno::SRCH)?;
        Ok(Self { pid, pidfd: None, child, channel, terminal: None })
    }

    pub fn pid(&self) -> i32 {
        self.pid.as_raw_nonzero().get()
    }

    pub fn pidfd(&self) -> &OwnedFd {
        self.pidfd.as_ref().unwrap_or(&self.child.pidfd)
    }

    pub fn id(&self) -> Result<ProcessId, Errno> {
        Ok(ProcessId { pid: self.pid(), start_time: status(self.pid())?.1 })
    }

    /// Waits until init arrives at a meet; its step. Until then lend answers what init wants at a step.
    pub fn arrival(&mut self, lend: Lender) -> Result<u32, Trouble> {
        match self.next_event(lend)? {
            Event::Arrived(step) => Ok(step),
            Event::Listening(_) => Err(Errno::PROTO.into()),
            Event::End => Err(self.death()),
        }
    }

    /// Waits until init has loaded a seccomp filter with a listener, and takes a copy of that.
    pub fn listener(&mut self, lend: Lender) -> Result<OwnedFd, Trouble> {
        match self.next_event(lend)? {
            Event::Listening(number) => {
                let pidfd = self.pidfd.as_ref().unwrap_or(&self.child.pidfd);
                Ok(rustix::process::pidfd_getfd(pidfd, number, PidfdGetfdFlags::empty())?)
            }
            Event::Arrived(_) => Err(Errno::PROTO.into()),
            Event::End => Err(self.death()),
        }
    }

    /// Waits until init has executed the container's program: its end of the channel closes with execve.
    pub fn execution(&mut self) -> Result<(), Trouble> {
        match self.next_event(&|_, _, _| Err(Errno::PROTO))? {
            Event::End => Ok(()),
            Event::Arrived(step) => {
                Err(Trouble::Inside { step, errno: Errno::PROTO.raw_os_error(), detail: String::new() })
            }
            Event::Listening(_) => Err(Errno::PROTO.into()),
        }
    }

    /// The reason behind a message that could not be sent: init has reported a failure before it ended, and maybe arrivals before that.
    pub fn why(&mut self) -> Trouble {
        loop {
            if let Err(trouble) = self.arrival(&|_, _, _| Err(Errno::PROTO)) {
                return trouble;
            }
        }
    }

    /// Hands the rest of the plan to an init that waits for it.
    pub fn resume(&self, plan: &[u8]) -> Result<(), Errno> {
        let plan = sealed_memfd("tsrun-plan", plan)?;
        message::send_descriptor(&self.channel, &[1], plan.as_fd()).map(drop)
    }

    pub fn proceed(&self) -> Result<(), Errno> {
        send(&self.channel, &[1], SendFlags::NOSIGNAL).map(drop)
    }

    fn next_event(&mut self, lend: Lender) -> Result<Event, Trouble> {
        loop {
            let Some(Message { report, words, descriptor }) = receive(&self.channel)? else { return Ok(Event::End) };
            match report.kind {
                ReportKind::Arrived => return Ok(Event::Arrived(report.step)),
                ReportKind::Listener => return Ok(Event::Listening(report.value)),
                ReportKind::Terminal => self.terminal = descriptor.inspect(fit),
                ReportKind::Forked => self.follow(report.value)?,
                ReportKind::Wanted => self.answer(lend(report.step, self.pid(), report.value))?,
                ReportKind::Failed => {
                    return Err(Trouble::Inside { step: report.step, errno: report.value, detail: words });
                }
            }
        }
    }

    /// An errno, 0 where the descriptor comes with it.
    fn answer(&self, lent: Result<OwnedFd, Errno>) -> Result<(), Errno> {
        match lent {
            Ok(descriptor) => message::send_descriptor(&self.channel, &[0; 4], descriptor.as_fd()).map(drop),
            Err(errno) => send(&self.channel, &errno.raw_os_error().to_le_bytes(), SendFlags::NOSIGNAL).map(drop),
        }
    }

    /// The plan goes on in a sibling; the first process has ended and is reaped.
    fn follow(&mut self, child: i32) -> Result<(), Errno> {
        let child = Pid::from_raw(child).ok_or(Errno::PROTO)?;
        self.pidfd = Some(rustix::process::pidfd_open(child, PidfdFlags::empty())?);
        let first = std::mem::replace(&mut self.pid, child);
        rustix::process::waitpid(Some(first), WaitOptions::empty()).map(drop)
    }

    fn death(&self) -> Trouble {
        let end = rustix::process::waitpid(Some(self.pid), WaitOptions::empty()).ok().flatten();
        if let Some(errno) = self.child.failure() {
            return Trouble::Detail(errno, format!("init cannot be executed: {errno}"));
        }
        let detail = end.map_or_else(|| "init ended".to_owned(), |(_, status)| describe(status));
        Trouble::Inside { step: u32::MAX, errno: 0, detail }
    }

    /// Ends an init that nobody will start, and reaps it.
    pub fn destroy(&self) {
        if tsrun_sys::process::send_signal(self.pidfd().as_fd(), 9).is_ok() {
            let _ = rustix::process::waitpid(Some(self.pid), WaitOptions::empty());
        }
    }
}

fn describe(status: WaitStatus) -> String {
    match (status.terminating_signal(), status.exit_status()) {
        (Some(signal), _) => format!("init was killed by signal {signal}"),
        (None, Some(code)) => format!("init ended with status {code}"),
        _ => "init ended".to_owned(),
    }
}

/// A terminal whose size nobody gave is as large as the caller's, before the program looks.
fn fit(master: &OwnedFd) {
    if rustix::termios::tcgetwinsize(master).is_ok_and(|size| size.ws_row == 0 && size.ws_col == 0) {
        tsrun_sys::signal::copy_window_size(tsrun_sys::descriptor::borrowed(0), master.as_fd());
    }
}

fn open_cgroup(directory: &str) -> Result<OwnedFd, Errno> {
    rustix::fs::open(directory, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
}

/// What init said.
pub struct Message {
    pub report: Report,
    /// About a failure; written by what runs inside, so that nothing but their length is known.
    pub words: String,
    pub descriptor: Option<OwnedFd>,
}

/// The next message; None at the end of the channel.
pub fn receive(channel: &OwnedFd) -> Result<Option<Message>, Errno> {
    let mut bytes = [0; Report::SIZE + Report::WORDS + 1];
    let (length, descriptor) = message::receive(channel, &mut bytes)?;
    if length == 0 {
        return Ok(None);
    }
    let (head, words) = bytes[..length].split_at_checked(Report::SIZE).ok_or(Errno::PROTO)?;
    let report = Report::from_bytes(head).ok_or(Errno::PROTO)?;
    if words.len() > Report::WORDS || (report.kind != ReportKind::Failed && !words.is_empty()) {
        return Err(Errno::PROTO);
    }
    Ok(Some(Message { report, words: one_line(words), descriptor }))
}

/// Words of a program, for the end of a sentence: no line ends, no codes for terminals.
pub fn one_line(words: &[u8]) -> String {
    let text = String::from_utf8_lossy(words);
    let words = text.split(|letter: char| letter.is_whitespace() || letter.is_control());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A file in memory that can be neither changed nor unsealed.
fn sealed_memfd(name: &str, content: &[u8]) -> Result<OwnedFd, Errno> {
    const MFD_EXEC: MemfdFlags = MemfdFlags::from_bits_retain(0x10);
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let file = match rustix::fs::memfd_create(name, flags | MFD_EXEC) {
        // before Linux 6.3 every memfd may be executed
        Err(Errno::INVAL) => rustix::fs::memfd_create(name, flags)?,
        other => other?,
    };
    write_all(&file, content)?;
    let seals = SealFlags::SEAL | SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE;
    rustix::fs::fcntl_add_seals(&file, seals)?;
    debug_assert!(file.as_raw_fd() > 2);
    Ok(file)
}
