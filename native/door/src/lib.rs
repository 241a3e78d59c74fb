//! The door: one request in, one reply out, both JSON (schemas/door.schema.json). The only way by which TypeScript reaches
//! the system.
#![allow(unsafe_code)] // the C entry below; everything else is safe

mod agent;
mod call;
mod cgroup;
mod clock;
mod dbus;
mod device_program;
mod ending;
mod entry;
mod examine;
mod exit;
mod facts;
mod failure;
mod files;
mod filter;
mod foreground;
mod freezer;
mod greeting;
mod hook;
mod init;
mod kernel_files;
mod lend;
mod mapping;
mod output;
mod perform;
mod probe;
mod relay;
mod start;
mod systemd;
mod unknown_calls;

pub use call::call;
pub use clock::began;
pub use greeting::ARGUMENTS;

/// Version of the messages; the first request, `hello`, compares it.
pub const DOOR_VERSION: u32 = 1;
