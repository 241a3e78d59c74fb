//! A program of the host that answers a question, as ps(1) does.
use crate::failure::Failure;
use rustix::io::Errno;
use serde::{Deserialize, Serialize};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};

#[derive(Deserialize)]
pub struct Request {
    args: Vec<String>,
}

#[derive(Serialize)]
pub struct Output {
    status: i32,
    stdout: String,
    stderr: String,
}

/// Runs the program, found in PATH, to its end.
pub fn output(request: &Request) -> Result<Output, Failure> {
    let (name, args) = request.args.split_first().ok_or_else(|| Failure::kernel("exec", "", Errno::INVAL))?;
    let failed = |error: std::io::Error| {
        Failure::kernel("exec", name, Errno::from_raw_os_error(error.raw_os_error().unwrap_or(5)))
    };
    // what the caller left open is none of its business
    tsrun_sys::descriptor::close_on_exec_from(3).map_err(|errno| Failure::kernel("close_range", "", errno))?;
    let output = Command::new(name).args(args).stdin(Stdio::null()).output().map_err(failed)?;
    let status = output.status.signal().map_or_else(|| output.status.code().unwrap_or(-1), |signal| 128 + signal);
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok(Output { status, stdout: text(output.stdout), stderr: text(output.stderr) })
}
