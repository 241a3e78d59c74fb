//! Where the time goes, for those who ask: microseconds of the monotonic clock. Reading it is no system call.
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

static BEGAN: AtomicU64 = AtomicU64::new(0);
static GREETED: AtomicU64 = AtomicU64::new(0);
/// How long each outside step took; `None` until somebody asks.
static STEPS: Mutex<Option<Vec<u64>>> = Mutex::new(None);

#[derive(Deserialize)]
pub struct Request {
    steps: bool,
}

#[derive(Serialize)]
pub struct Clock {
    now: u64,
    began: u64,
    greeted: u64,
    steps: Vec<u64>,
}

/// To be called first in a process that is all tsrun's.
pub fn began() {
    BEGAN.store(now(), Ordering::Relaxed);
}

pub fn greeted() {
    GREETED.store(now(), Ordering::Relaxed);
}

pub fn clock(request: &Request) -> Clock {
    let mut steps = STEPS.lock().unwrap_or_else(PoisonError::into_inner);
    let taken = std::mem::replace(&mut *steps, request.steps.then(Vec::new));
    let (began, greeted) = (BEGAN.load(Ordering::Relaxed), GREETED.load(Ordering::Relaxed));
    Clock { now: now(), began, greeted, steps: taken.unwrap_or_default() }
}

/// Does the work of a step; takes its time where that was asked for.
pub fn timed<T>(work: impl FnOnce() -> T) -> T {
    if STEPS.lock().unwrap_or_else(PoisonError::into_inner).is_none() {
        return work();
    }
    let before = now();
    let result = work();
    if let Some(steps) = &mut *STEPS.lock().unwrap_or_else(PoisonError::into_inner) {
        steps.push(now() - before);
    }
    result
}

fn now() -> u64 {
    let time = clock_gettime(ClockId::Monotonic);
    time.tv_sec as u64 * 1_000_000 + time.tv_nsec as u64 / 1000
}
