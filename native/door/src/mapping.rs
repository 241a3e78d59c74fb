//! Maps of ids that a plain user may not write, by the set-user-id programs of shadow.
use crate::failure::Trouble;
use rustix::io::Errno;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tsrun_plan::owned::outside::MapByHelper;

/// Where they are when the caller has no PATH: Podman may give none.
const USUAL_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

pub fn by_helper(pid: i32, op: &MapByHelper) -> Result<(), Trouble> {
    let path = std::env::var("PATH").unwrap_or_else(|_| USUAL_PATH.to_owned());
    let Some(program) = find(&op.program, &path) else {
        let words = format!("exec: \"{}\": executable file not found in $PATH (package uidmap)", op.program);
        return Err(Trouble::Detail(Errno::NOENT, words));
    };
    tsrun_sys::descriptor::close_on_exec_from(3)?;
    let output = Command::new(program).arg(pid.to_string()).args(&op.numbers).stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&output.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
    Err(Trouble::Detail(Errno::PERM, if words.is_empty() { output.status.to_string() } else { words }))
}

fn find(program: &str, path: &str) -> Option<PathBuf> {
    path.split(':').map(|directory| Path::new(directory).join(program)).find(|candidate| candidate.is_file())
}
