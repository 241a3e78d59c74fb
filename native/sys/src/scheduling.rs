//! sched_setattr(2) and ioprio_set(2). A pid of 0 is the caller.
use crate::raw::{check, number, syscall};
use rustix::io::Errno;

/// What a task gets of the processors; times in nanoseconds.
#[derive(Clone, Copy, Debug)]
pub struct Scheduler {
    /// SCHED_*.
    pub policy: u32,
    /// SCHED_FLAG_*.
    pub flags: u64,
    pub nice: i32,
    pub priority: u32,
    pub runtime: u64,
    pub deadline: u64,
    pub period: u64,
}

/// struct sched_attr of linux/sched/types.h, its second version: flags may speak of the clamps.
#[repr(C)]
struct Attributes {
    size: u32,
    policy: u32,
    flags: u64,
    nice: i32,
    priority: u32,
    runtime: u64,
    deadline: u64,
    period: u64,
    clamps: [u32; 2],
}

pub fn set_scheduler(pid: i32, wanted: &Scheduler) -> Result<(), Errno> {
    let Scheduler { policy, flags, nice, priority, runtime, deadline, period } = *wanted;
    let size = size_of::<Attributes>() as u32;
    let attributes = Attributes { size, policy, flags, nice, priority, runtime, deadline, period, clamps: [0; 2] };
    // SAFETY: attributes is as large as its size says and outlives the call
    check(unsafe { syscall(number::SCHED_SETATTR, pid as usize, &raw const attributes as usize, 0, 0, 0) }).map(drop)
}

/// Class << 13 | level.
pub fn set_io_priority(pid: i32, value: u32) -> Result<(), Errno> {
    const IOPRIO_WHO_PROCESS: usize = 1;
    // SAFETY: no pointers
    check(unsafe { syscall(number::IOPRIO_SET, IOPRIO_WHO_PROCESS, pid as usize, value as usize, 0, 0) }).map(drop)
}
