//! What the kernel says about a container's init.
use crate::files::kernel_text;
use rustix::io::Errno;
use serde::{Deserialize, Serialize};

/// A process that cannot be mistaken for another.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct ProcessId {
    pub pid: i32,
    /// Field 22 of /proc/PID/stat, in clock ticks since boot.
    pub start_time: u64,
}

#[derive(Deserialize)]
pub struct Request {
    process: ProcessId,
    socket: String,
    freezer: String,
}

#[derive(Serialize)]
pub struct Probe {
    alive: bool,
    waiting: bool,
    frozen: bool,
}

pub fn probe(request: &Request) -> Probe {
    let alive = is_alive(request.process);
    Probe { alive, waiting: alive && is_waiting(request), frozen: alive && is_frozen(&request.freezer) }
}

/// State and start time of a process.
pub fn status(pid: i32) -> Result<(u8, u64), Errno> {
    let text = kernel_text(format!("/proc/{pid}/stat")).map_err(|_| Errno::SRCH)?;
    // the name, in parentheses, may itself hold spaces and parentheses
    let after = text.rfind(')').ok_or(Errno::SRCH)? + 2;
    let mut fields = text.get(after..).ok_or(Errno::SRCH)?.split(' ');
    let state = fields.next().and_then(|field| field.bytes().next()).ok_or(Errno::SRCH)?;
    let start_time = fields.nth(18).and_then(|field| field.parse().ok()).ok_or(Errno::SRCH)?;
    Ok((state, start_time))
}

pub fn is_alive(process: ProcessId) -> bool {
    process.pid > 0
        && status(process.pid)
            .is_ok_and(|(state, start_time)| start_time == process.start_time && !matches!(state, b'Z' | b'X' | b'x'))
}

/// The socket goes away at start; a start that was killed in between leaves it, but not init's executable.
fn is_waiting(request: &Request) -> bool {
    let of_process = |file: &str| format!("/proc/{}/{file}", request.process.pid);
    rustix::fs::stat(request.socket.as_str()).is_ok()
        && match std::fs::read_link(of_process("exe")) {
            Ok(link) => link.as_os_str().as_encoded_bytes().starts_with(crate::init::EXE_LINK.as_bytes()),
            // who is not root may not see the executable of a process that is not dumpable, but its arguments
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                kernel_text(of_process("cmdline")).is_ok_and(|words| words.starts_with("init\0"))
            }
            Err(_) => false,
        }
}

/// freezer.state of v1 or cgroup.freeze of v2; empty: no freezer.
fn is_frozen(file: &str) -> bool {
    !file.is_empty() && kernel_text(file).is_ok_and(|text| matches!(text.trim(), "FROZEN" | "FREEZING" | "1"))
}
