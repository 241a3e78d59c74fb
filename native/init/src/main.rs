//! init: the program that runs inside the namespaces. It obeys the inside half of the plan, one step at a time, answers a
//! failure with (step, errno), and becomes the container's program. No libc, no allocator, no text.
//!
//! Descriptors at the start: `first` = argv[1] is the sync socket, then the plan (a sealed memfd), then, for create, the
//! listening socket on which start will call.
#![no_std]
#![no_main]

mod channel;
mod copy_up;
mod devices;
mod hook;
mod identity;
mod join;
mod masks;
mod mounts;
mod passwd;
mod path;
mod program;
mod root;
mod step;
mod terminal;

use channel::Channel;
use program::Program;
use tsrun_plan::wire::{MAGIC, Reader};
use tsrun_plan::{PLAN_VERSION, Step};
use tsrun_sys::rustix::fd::{AsFd, OwnedFd};
use tsrun_sys::rustix::process::DumpableBehavior;
use tsrun_sys::words::Words;
use tsrun_sys::{Errno, Result, rustix};

#[allow(unsafe_code)] // the start of a program without libc, written in tsrun-sys
mod start {
    tsrun_sys::entry!(super::main);
    tsrun_sys::memory_functions!();
}

/// What init carries from step to step.
struct Init {
    channel: Channel,
    listener: Option<OwnedFd>,
    root: Option<OwnedFd>,
    masks: masks::Masks,
    /// A seccomp filter is in force.
    filtered: bool,
    /// Of the seccomp filter, until the runtime has fetched it.
    filter_listener: Option<OwnedFd>,
    program: Program,
    /// Descriptors from 3 on that the container's program keeps.
    preserve: u32,
    /// About the failure of a step, beside its errno.
    words: Words,
}

fn main(first: i32) -> i32 {
    if first < 3 {
        return 126;
    }
    let [sync, plan, listener] = [first, first + 1, first + 2].map(tsrun_sys::descriptor::inherited_if_open);
    let (Some(sync), Some(plan)) = (sync, plan) else { return 126 };
    let mut init = Init {
        channel: Channel::new(sync),
        listener,
        root: None,
        masks: masks::Masks::default(),
        filtered: false,
        filter_listener: None,
        program: Program::default(),
        preserve: 0,
        words: Words::new(),
    };
    let mut step = u32::MAX;
    if let Err(errno) = init.obey(plan, &mut step) {
        init.channel.fail(step, errno, init.words.bytes());
    }
    125
}

impl Init {
    /// Performs the whole plan; step follows the number of the step at hand.
    fn obey(&mut self, plan: OwnedFd, step: &mut u32) -> Result<()> {
        begin(&self.channel)?;
        let mut part = Part::read(plan)?;
        self.preserve = part.preserve;
        while part.left > 0 {
            part.left -= 1;
            *step = part.next;
            part.next += 1;
            match Step::decode(&mut part.steps).ok_or(Errno::BADMSG)? {
                Step::More => part = Part::read(self.channel.receive_plan()?)?,
                next => self.perform(*step, next)?,
            }
        }
        Ok(())
    }
}

/// What has come of the plan.
struct Part {
    steps: Reader<'static>,
    preserve: u32,
    next: u32,
    left: u32,
}

impl Part {
    fn read(plan: OwnedFd) -> Result<Self> {
        let size = usize::try_from(rustix::fs::fstat(&plan)?.st_size).map_err(|_| Errno::BADMSG)?;
        let mut steps = Reader::new(tsrun_sys::memory::map_file(plan.as_fd(), size)?);
        let mut head = || steps.u32().ok_or(Errno::BADMSG);
        if (head()?, head()?) != (MAGIC, PLAN_VERSION) {
            return Err(Errno::BADMSG);
        }
        let (preserve, next, left) = (head()?, head()?, head()?);
        Ok(Self { steps, preserve, next, left })
    }
}

/// Makes the process fit to be visible in a container.
fn begin(channel: &Channel) -> Result<()> {
    tsrun_sys::process::set_parent_death_signal(9)?;
    // a runtime that died before the line above sends no signal, but its end of the socket is gone
    if channel.peer_is_gone() {
        tsrun_sys::process::exit(124);
    }
    rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    tsrun_sys::security::reset_signals();
    rustix::process::umask(rustix::fs::Mode::empty());
    Ok(())
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    tsrun_sys::process::exit(123)
}
