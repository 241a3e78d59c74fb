//! cgroups: made level by level, written one value a write, emptied and removed.
use crate::failure::Trouble;
use crate::files::{kernel_text, write_once};
use crate::freezer::thaw_tree;
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use serde::Deserialize;
use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tsrun_plan::owned::outside::{KillCgroup, MakeCgroup, WriteCgroup};

/// How long a cgroup may take to become empty.
const PATIENCE: Duration = Duration::from_secs(10);

pub fn make(op: &MakeCgroup) -> Result<(), Trouble> {
    let mut directory = PathBuf::from(&op.mount);
    let parts: Vec<&str> = op.path.split('/').filter(|part| !part.is_empty()).collect();
    let mut existed = false;
    for part in &parts {
        if matches!(*part, "." | "..") {
            return Err(Errno::INVAL.into());
        }
        enable_controllers(&directory, &op.controllers)?;
        let parent = directory.clone();
        directory.push(part);
        existed = match rustix::fs::mkdir(&directory, Mode::from_raw_mode(0o755)) {
            Ok(()) => false,
            Err(Errno::EXIST) => true,
            Err(errno) => return Err(errno.into()),
        };
        if op.cpuset {
            inherit_cpuset(&parent, &directory)?;
        }
    }
    if existed {
        refuse_occupied(&directory)?;
    }
    Ok(())
}

/// A cgroup v2 gives controllers to its children only when its cgroup.subtree_control names them.
fn enable_controllers(directory: &Path, controllers: &[String]) -> Result<(), Errno> {
    if controllers.is_empty() {
        return Ok(());
    }
    let file = directory.join("cgroup.subtree_control");
    let enabled = kernel_text(&file).unwrap_or_default();
    for controller in controllers {
        if !enabled.split_whitespace().any(|name| name == controller) {
            write_once(&file, &format!("+{controller}"))?;
        }
    }
    Ok(())
}

/// A new cpuset of v1 is empty, and no task may join it before it has CPUs and memory nodes.
fn inherit_cpuset(parent: &Path, child: &Path) -> Result<(), Errno> {
    for file in ["cpuset.cpus", "cpuset.mems"] {
        let own = kernel_text(child.join(file))?;
        if own.trim().is_empty() {
            let value = kernel_text(parent.join(file))?;
            write_once(child.join(file), value.trim())?;
        }
    }
    Ok(())
}

fn refuse_occupied(directory: &Path) -> Result<(), Trouble> {
    let members = members(directory)?;
    if !members.is_empty() {
        let words = format!("container's cgroup is not empty: {} process(es) found", members.len());
        return Err(Trouble::Detail(Errno::BUSY, words));
    }
    let frozen = ["freezer.state", "cgroup.freeze"].iter().any(|file| {
        std::fs::read_to_string(directory.join(file)).is_ok_and(|text| matches!(text.trim(), "FROZEN" | "1"))
    });
    if frozen {
        return Err(Trouble::Detail(Errno::BUSY, "container's cgroup unexpectedly frozen".to_owned()));
    }
    Ok(())
}

pub fn write_file(op: &WriteCgroup) -> Result<(), Trouble> {
    let open = |name: &str| {
        rustix::fs::open(format!("{}/{name}", op.directory), OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty())
    };
    let (file, values) = match open(&op.file) {
        Err(Errno::NOENT) if op.optional => return Ok(()),
        Err(Errno::NOENT) if !op.else_file.is_empty() => (open(&op.else_file)?, &op.else_values),
        other => (other?, &op.values),
    };
    for value in values {
        rustix::io::write(&file, value.as_bytes()).map_err(|errno| {
            // of several it matters which
            if values.len() == 1 { Trouble::Errno(errno) } else { Trouble::Detail(errno, value.clone()) }
        })?;
    }
    Ok(())
}

/// Signals every member, of sub-cgroups as well; with SIGKILL again and again until none is left.
pub fn kill(op: &KillCgroup) -> Result<(), Trouble> {
    let directory = Path::new(&op.directory);
    if !directory.is_dir() {
        return Ok(());
    }
    let deadline = Instant::now() + PATIENCE;
    loop {
        let members = all_members(directory);
        if members.is_empty() {
            return Ok(());
        }
        if op.signal == 9 && op.version == 2 && write_once(directory.join("cgroup.kill"), "1").is_ok() {
            // the kernel kills all of them, those that are being forked too
        } else {
            signal_all(directory, &members, op.signal);
        }
        if op.signal != 9 {
            return Ok(());
        }
        if Instant::now() > deadline {
            let words = format!("{} process(es) cannot be killed", members.len());
            return Err(Trouble::Detail(Errno::TIMEDOUT, words));
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// With SIGKILL the cgroup is frozen meanwhile, where it can be: a fork bomb stands still. It is always thawed again, with those
/// below it: what is frozen does not die.
fn signal_all(directory: &Path, members: &[i32], signal: u32) {
    let state = directory.join("freezer.state");
    let freezes = signal == 9 && write_once(&state, "FROZEN").is_ok();
    let members = if freezes { all_members(directory) } else { members.to_vec() };
    for pid in members {
        if let Some(pid) = rustix::process::Pid::from_raw(pid)
            && let Ok(pidfd) = rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty())
        {
            let _gone = tsrun_sys::process::send_signal(std::os::fd::AsFd::as_fd(&pidfd), signal);
        }
    }
    if freezes {
        thaw_tree(directory);
    }
}

fn members(directory: &Path) -> Result<Vec<i32>, Errno> {
    match std::fs::read_to_string(directory.join("cgroup.procs")) {
        Ok(text) => Ok(text.lines().filter_map(|line| line.parse().ok()).collect()),
        Err(error) if error.raw_os_error() == Some(Errno::OPNOTSUPP.raw_os_error()) => Ok(Vec::new()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(_) => Err(Errno::IO),
    }
}

#[derive(Deserialize)]
pub struct Place<'a> {
    #[serde(borrow)]
    directory: Cow<'a, str>,
}

/// The processes of a cgroup and of those below it, in rising order.
pub fn members_below(place: &Place) -> Vec<i32> {
    let mut found = all_members(Path::new(place.directory.as_ref()));
    found.sort_unstable();
    found
}

fn all_members(directory: &Path) -> Vec<i32> {
    let mut found = members(directory).unwrap_or_default();
    for child in children(directory) {
        found.extend(all_members(&child));
    }
    found
}

pub fn children(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .map(|entry| entry.path())
        .collect()
}

/// Removes the cgroup with those below it. A process that has just died may keep it busy for a moment.
pub fn remove(directory: &str) -> Result<(), Trouble> {
    let deadline = Instant::now() + PATIENCE;
    let mut pause = Duration::from_micros(200);
    loop {
        match remove_tree(Path::new(directory)) {
            Ok(()) => return Ok(()),
            Err(Errno::BUSY) if Instant::now() < deadline => {
                std::thread::sleep(pause);
                pause = (pause * 2).min(Duration::from_millis(50));
            }
            Err(errno) => return Err(errno.into()),
        }
    }
}

fn remove_tree(directory: &Path) -> Result<(), Errno> {
    match rustix::fs::rmdir(directory) {
        Ok(()) | Err(Errno::NOENT) => return Ok(()),
        Err(Errno::BUSY | Errno::NOTEMPTY) => {}
        Err(errno) => return Err(errno),
    }
    for child in children(directory) {
        remove_tree(&child)?;
    }
    match rustix::fs::rmdir(directory) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(errno) => Err(errno),
    }
}
