//! The outside half of a plan, one step after the other.
use crate::failure::{Failure, StepFailure, Trouble};
use crate::files::{write_all, write_once};
use crate::init::{Birth, Init};
use crate::lend::lend;
use crate::probe::ProcessId;
use crate::{
    agent, cgroup, clock, device_program, ending, exit, files, filter, freezer, hook, mapping, start, systemd,
};
use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::sync::{Mutex, PoisonError};
use tsrun_plan::owned::outside::{Limit, Scheduler, Spawn, WriteCgroup};
use tsrun_plan::owned::{EncodeError, InsideOp, OutsideOp, Plan};

#[derive(Deserialize)]
pub struct Request<'a> {
    #[serde(borrow)]
    plan: &'a RawValue,
    /// The next plan goes on with the init of this one.
    more: bool,
}

/// What has come about so far; a plan leaves it to the one that goes on.
#[derive(Default)]
struct Progress {
    init: Option<Init>,
    /// Path, mode and text of what `record` wrote.
    record: Option<(String, u32, String)>,
    preserve: u32,
    /// Numbers of the first steps of the plan at hand.
    outside: usize,
    inside: usize,
}

static UNFINISHED: Mutex<Option<Progress>> = Mutex::new(None);

#[derive(Serialize)]
pub struct Outcome {
    done: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    init: Option<ProcessId>,
    #[serde(flatten)]
    failure: Option<StepFailure>,
}

/// The master end of the terminal of a container that runs in the foreground.
pub static TERMINAL: Mutex<Option<OwnedFd>> = Mutex::new(None);

pub fn perform(request: &Request) -> Result<Outcome, Failure> {
    let plan = Plan::parse(request.plan.get()).map_err(|words| Failure::sentence("internal", words))?;
    let earlier = UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner).take();
    let mut work = Work { plan: &plan, listener: None, progress: earlier.unwrap_or_default() };
    let mut stubborn = Stubborn::default();
    for (index, raw) in plan.outside.iter().enumerate() {
        let step = OutsideOp::parse(raw.get())
            .map_err(|error| Failure::sentence("internal", format!("plan, outside step {index}: {error}")))?;
        let last = index + 1 == plan.outside.len();
        let outcome = clock::timed(|| match step {
            OutsideOp::WriteCgroup(op) if op.flexible => stubborn.write(index, op, last),
            step => stubborn.settle().and_then(|()| work.step(&step).map_err(|trouble| (index, trouble))),
        });
        if let Err((index, trouble)) = outcome {
            if let Some(init) = &work.progress.init {
                init.destroy();
            }
            return Ok(Outcome { done: false, init: None, failure: Some(trouble.at(work.progress.outside + index)) });
        }
    }
    let id = work.progress.init.as_ref().and_then(|init| init.id().ok());
    if request.more {
        let mut progress = work.progress;
        progress.outside += plan.outside.len();
        progress.inside += plan.inside.len();
        *UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner) = Some(progress);
    } else if let Some(init) = &mut work.progress.init {
        *TERMINAL.lock().unwrap_or_else(PoisonError::into_inner) = init.terminal.take();
    }
    Ok(Outcome { done: true, init: id, failure: None })
}

/// Flexible writes that were refused beside the limits in force: a limit on memory above that on memory and swap, a quota that is
/// too large for the old period. The kernel knows the order; it is found by trying.
#[derive(Default)]
struct Stubborn(Vec<(usize, WriteCgroup)>);

impl Stubborn {
    fn write(&mut self, index: usize, op: WriteCgroup, last: bool) -> Result<(), (usize, Trouble)> {
        match cgroup::write_file(&op) {
            Err(Trouble::Errno(Errno::INVAL | Errno::BUSY) | Trouble::Detail(Errno::INVAL | Errno::BUSY, _)) => {
                self.0.push((index, op))
            }
            other => other.map_err(|trouble| (index, trouble))?,
        }
        if last { self.settle() } else { Ok(()) }
    }

    /// Until all are written, or a round has written none.
    fn settle(&mut self) -> Result<(), (usize, Trouble)> {
        while !self.0.is_empty() {
            let before = self.0.len();
            let mut first = None;
            self.0.retain(|(index, op)| match cgroup::write_file(op) {
                Ok(()) => false,
                Err(trouble) => {
                    first.get_or_insert((*index, trouble));
                    true
                }
            });
            match first {
                Some(failure) if self.0.len() == before => return Err(failure),
                _ => {}
            }
        }
        Ok(())
    }
}

struct Work<'a> {
    plan: &'a Plan<'a>,
    listener: Option<OwnedFd>,
    progress: Progress,
}

impl Work<'_> {
    fn init(&mut self) -> Result<&mut Init, Errno> {
        self.progress.init.as_mut().ok_or(Errno::SRCH)
    }

    fn step(&mut self, step: &OutsideOp) -> Result<(), Trouble> {
        match step {
            OutsideOp::MakeDirectory(op) => Ok(make_directory(&op.path, op.mode, op.exclusive)?),
            OutsideOp::KeepConfig(op) => {
                let bytes = files::CONFIG.lock().unwrap_or_else(PoisonError::into_inner);
                Ok(replace_file(&op.path, &bytes, op.mode)?)
            }
            OutsideOp::Record(op) => {
                replace_file(&op.path, op.record.get().as_bytes(), op.mode)?;
                self.progress.record = Some((op.path.clone(), op.mode, op.record.get().to_owned()));
                Ok(())
            }
            OutsideOp::ReplaceText(op) => Ok(replace_file(&op.path, op.text.as_bytes(), op.mode)?),
            OutsideOp::Identify => {
                let id = self.init()?.id()?;
                let (path, mode, text) = self.progress.record.as_ref().ok_or(Errno::NOENT)?;
                let text = with_members(text, &format!("\"pid\":{},\"startTime\":{}", id.pid, id.start_time))?;
                Ok(replace_file(path, text.as_bytes(), *mode)?)
            }
            OutsideOp::MakeCgroup(op) => cgroup::make(op),
            OutsideOp::WriteCgroup(op) => cgroup::write_file(op),
            OutsideOp::DeviceProgram(op) => device_program::attach(op),
            OutsideOp::Listen(op) => {
                self.listener = Some(start::listen_at(&op.path)?);
                Ok(())
            }
            OutsideOp::Spawn(op) => self.spawn(op),
            OutsideOp::Resume => {
                let bytes = self.encoded()?;
                let init = self.init()?;
                init.resume(&bytes).map_err(|_| init.why())
            }
            OutsideOp::Await(op) => self.arrive(&op.point),
            OutsideOp::Proceed => {
                let init = self.init()?;
                init.proceed().map_err(|_| init.why())
            }
            OutsideOp::WriteMapping(op) => {
                let path = format!("/proc/{}/{}", self.init()?.pid(), op.file);
                Ok(write_once(&path, &op.text)?)
            }
            OutsideOp::MapByHelper(op) => mapping::by_helper(self.init()?.pid(), op),
            OutsideOp::OomScoreAdj(op) => {
                let path = format!("/proc/{}/oom_score_adj", self.init()?.pid());
                match write_once(&path, &op.value.to_string()) {
                    Err(Errno::ACCESS | Errno::PERM) if op.optional => Ok(()),
                    other => Ok(other?),
                }
            }
            OutsideOp::Limit(op) => limit(self.init()?.pid(), op),
            OutsideOp::Scheduler(op) => schedule(self.init()?.pid(), op),
            OutsideOp::IoPriority(op) => Ok(tsrun_sys::scheduling::set_io_priority(self.init()?.pid(), op.value)?),
            OutsideOp::Hook(op) => {
                let state = match &self.progress.init {
                    Some(init) => with_members(&op.state, &format!("\"pid\":{}", init.pid()))?,
                    None => op.state.clone(),
                };
                hook::run(op, &state)
            }
            OutsideOp::SendTerminal(op) => {
                send_over(&op.path, b"/dev/ptmx", self.init()?.terminal.as_ref().ok_or(Errno::NOTTY)?)
            }
            OutsideOp::SendListener(op) => {
                let (plan, base) = (self.plan, self.progress.inside);
                let init = self.init()?;
                let listener = init.listener(&|step, init, wanted| lend(&inside(plan, base, step)?, init, wanted))?;
                agent::send_listener(listener.as_fd(), init.pid(), op)
            }
            OutsideOp::SendPidfd(op) => send_over(&op.path, op.kind.as_bytes(), self.init()?.pidfd()),
            OutsideOp::PinExit(op) => {
                exit::pin(self.init()?.pidfd(), &op.path);
                Ok(())
            }
            OutsideOp::UnpinExit(op) => {
                exit::unpin(&op.path);
                Ok(())
            }
            OutsideOp::AwaitExecution => self.init()?.execution(),
            OutsideOp::WritePid(op) => {
                let pid = self.init()?.pid().to_string();
                Ok(replace_file(&op.path, pid.as_bytes(), 0o644)?)
            }
            OutsideOp::StartUnit(op) => systemd::start(op, self.init()?.pid()),
            OutsideOp::StopUnit(op) => systemd::stop(op),
            OutsideOp::Start(op) => start::start(&op.path),
            OutsideOp::Signal(op) => ending::signal(op),
            OutsideOp::WaitGone(op) => ending::wait_gone(op),
            OutsideOp::KillCgroup(op) => cgroup::kill(op),
            OutsideOp::Freeze(op) => freezer::set(op),
            OutsideOp::RemoveCgroup(op) => cgroup::remove(&op.directory),
            OutsideOp::RemoveFile(op) => match rustix::fs::unlink(op.path.as_str()) {
                Ok(()) | Err(Errno::NOENT) => Ok(()),
                Err(errno) => Err(errno.into()),
            },
            OutsideOp::RemoveTree(op) => match std::fs::remove_dir_all(&op.path) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
                other => Ok(other?),
            },
        }
    }

    /// The inside half of this plan for init.
    fn encoded(&self) -> Result<Vec<u8>, Trouble> {
        let base = self.progress.inside as u32;
        self.plan.encode_inside(self.progress.preserve, base, &mut filter::compile).map_err(|(step, error)| {
            let detail = match error {
                EncodeError::Nul => "a text holds a NUL character".to_owned(),
                EncodeError::Malformed(words) | EncodeError::Filter(words) => words,
            };
            Trouble::Inside { step: base + step as u32, errno: Errno::INVAL.raw_os_error(), detail }
        })
    }

    fn spawn(&mut self, op: &Spawn) -> Result<(), Trouble> {
        self.progress.preserve = op.preserve;
        if op.preserve > 0 && !tsrun_sys::descriptor::was_inherited(2 + op.preserve.cast_signed()) {
            let words = format!("unable to stat preserved-fd {} (of {})", op.preserve - 1, op.preserve);
            return Err(Trouble::Detail(Errno::BADF, format!("{words}: descriptor {} is not open", op.preserve + 2)));
        }
        let bytes = self.encoded()?;
        let birth = Birth {
            namespaces: op.namespaces,
            cgroup: &op.cgroup,
            near: op.near,
            preserve: op.preserve,
            plan: &bytes,
            listener: self.listener.as_ref(),
        };
        self.progress.init = Some(Init::spawn(&birth)?);
        // only init may answer on it: the caller's copy would keep the socket alive after init's death
        self.listener = None;
        Ok(())
    }

    fn arrive(&mut self, point: &str) -> Result<(), Trouble> {
        let (plan, base) = (self.plan, self.progress.inside);
        let step = self.init()?.arrival(&|step, init, wanted| lend(&inside(plan, base, step)?, init, wanted))?;
        // one of the plan before this one: what it meets for was said there
        if (step as usize) < base {
            return Ok(());
        }
        match inside(plan, base, step) {
            Ok(InsideOp::Meet(meet)) if meet.point == point => Ok(()),
            _ => Err(Trouble::Inside { step, errno: Errno::PROTO.raw_os_error(), detail: String::new() }),
        }
    }
}

/// A step of init's half, by its number; base: of the first one in this plan.
fn inside(plan: &Plan, base: usize, step: u32) -> Result<InsideOp, Errno> {
    let raw = (step as usize).checked_sub(base).and_then(|index| plan.inside.get(index));
    raw.and_then(|raw| InsideOp::parse(raw.get()).ok()).ok_or(Errno::PROTO)
}

fn make_directory(path: &str, mode: u32, exclusive: bool) -> Result<(), Errno> {
    match rustix::fs::mkdir(path, Mode::from_raw_mode(mode)) {
        Err(Errno::NOENT) => {
            let parent = std::path::Path::new(path).parent().and_then(|parent| parent.to_str()).ok_or(Errno::NOENT)?;
            make_directory(parent, mode, false)?;
            make_directory(path, mode, exclusive)
        }
        Err(Errno::EXIST) if !exclusive => Ok(()),
        other => other,
    }
}

/// A reader sees the old file or the new one, never half of it.
fn replace_file(path: &str, content: &[u8], mode: u32) -> Result<(), Errno> {
    let (directory, name) = path.rsplit_once('/').map_or((".", path), |(directory, name)| (directory, name));
    let temporary = format!("{directory}/.{name}.{}", std::process::id());
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = rustix::fs::open(temporary.as_str(), flags, Mode::from_raw_mode(mode))?;
    let outcome = write_all(&file, content).and_then(|()| rustix::fs::rename(temporary.as_str(), path));
    if outcome.is_err() {
        let _ = rustix::fs::unlink(temporary.as_str());
    }
    outcome
}

/// The JSON object text, which is not empty, with more members.
fn with_members(text: &str, members: &str) -> Result<String, Errno> {
    let head = text.strip_suffix('}').ok_or(Errno::INVAL)?;
    Ok(format!("{head},{members}}}"))
}

fn number(decimal: &str) -> Result<u64, Errno> {
    decimal.parse().map_err(|_| Errno::INVAL)
}

fn schedule(pid: i32, op: &Scheduler) -> Result<(), Trouble> {
    let wanted = tsrun_sys::scheduling::Scheduler {
        policy: op.policy,
        flags: op.flags.into(),
        nice: op.nice,
        priority: op.priority,
        runtime: number(&op.runtime)?,
        deadline: number(&op.deadline)?,
        period: number(&op.period)?,
    };
    Ok(tsrun_sys::scheduling::set_scheduler(pid, &wanted)?)
}

fn limit(pid: i32, op: &Limit) -> Result<(), Trouble> {
    let hard = if op.hard.is_empty() { tsrun_sys::limit::hard(pid, op.resource)? } else { number(&op.hard)? };
    Ok(tsrun_sys::limit::set(pid, op.resource, number(&op.soft)?, hard)?)
}

/// The other end may accept long after this call has ended, or never: nothing here waits for it.
/// To whoever listens at path: one message with one descriptor.
fn send_over(path: &str, words: &[u8], descriptor: &OwnedFd) -> Result<(), Trouble> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = rustix::net::socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    start::with_address(path, |address| rustix::net::connect(&socket, address)).map_err(|errno| match errno {
        Errno::AGAIN => Trouble::Detail(errno, "nobody accepts its connections".to_owned()),
        errno => errno.into(),
    })?;
    Ok(tsrun_sys::message::send_descriptor(&socket, words, descriptor.as_fd()).map(drop)?)
}
