//! The system calls that rustix does not offer safely, one file for each family, for the library (std) and for init (no std).
//! All `unsafe` of tsrun is here (and in the C entry of the door).
#![no_std]

#[cfg(feature = "host")]
extern crate alloc;

#[cfg(feature = "host")]
pub mod ability;
#[cfg(feature = "host")]
pub mod bpf;
pub mod descriptor;
pub mod entry;
pub mod hook;
pub mod limit;
pub mod memory;
pub mod message;
pub mod mount;
pub mod namespace;
pub mod network;
pub mod process;
pub mod raw;
pub mod scheduling;
pub mod security;
#[cfg(feature = "host")]
pub mod signal;
#[cfg(feature = "host")]
pub mod spawn;
pub mod words;

pub use rustix;
pub use rustix::io::{Errno, Result};
