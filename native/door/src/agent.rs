//! The seccomp agent: it answers system calls of a container that its filter hands over (runtime-spec, config-linux.md, "Seccomp").
use crate::failure::Trouble;
use crate::files::write_all;
use crate::start::with_address;
use rustix::fd::BorrowedFd;
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, connect, socket_with};
use serde::Serialize;
use serde_json::{Map, Value};
use tsrun_plan::owned::outside::SendListener;

/// containerProcessState of the specification.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProcessState<'a> {
    oci_version: &'a str,
    /// Names of the descriptors that come along, in their order.
    fds: [&'static str; 1],
    pid: i32,
    #[serde(skip_serializing_if = "str::is_empty")]
    metadata: &'a str,
    state: Map<String, Value>,
}

/// One message with the whole state and the descriptor; then the connection ends.
pub fn send_listener(listener: BorrowedFd<'_>, pid: i32, op: &SendListener) -> Result<(), Trouble> {
    let mut state: Map<String, Value> = serde_json::from_str(&op.state).map_err(|_| Errno::INVAL)?;
    state.insert("pid".to_owned(), if op.pid == 0 { pid.into() } else { op.pid.into() });
    let message = ProcessState { oci_version: &op.oci_version, fds: ["seccompFd"], pid, metadata: &op.metadata, state };
    let text = serde_json::to_vec(&message).map_err(|_| Errno::INVAL)?;
    // an agent that accepts nobody must not keep the runtime
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    with_address(&op.path, |address| connect(&socket, address))
        .map_err(|errno| Trouble::Detail(errno, "failed to connect with seccomp agent".to_owned()))?;
    // a stream may take less than the whole at once; the descriptor comes with the first byte
    let sent = tsrun_sys::message::send_descriptor(&socket, &text, listener)?;
    Ok(write_all(&socket, text.get(sent..).unwrap_or_default())?)
}
