//! What this host lets this caller do, found out by trying: for `doctor`. Each answer is an errno, 0 for yes.
use crate::lend;
use rustix::fd::AsFd;
use rustix::io::Errno;
use rustix::mount::{OpenTreeFlags, open_tree};
use serde::{Deserialize, Serialize};
use tsrun_sys::ability;

#[derive(Deserialize)]
pub struct Request {
    /// Numbers of system calls.
    calls: Vec<usize>,
    /// CLONE_NEW* flags, each tried alone.
    namespaces: Vec<u64>,
    /// Paths on file systems whose mounts may get mapped ids.
    mapped: Vec<String>,
}

#[derive(Serialize)]
pub struct Examination {
    calls: Vec<i32>,
    namespaces: Vec<i32>,
    mapped: Vec<i32>,
}

pub fn examine(request: &Request) -> Examination {
    let known = |number: &usize| if ability::knows(*number) { 0 } else { Errno::NOSYS.raw_os_error() };
    Examination {
        calls: request.calls.iter().map(known).collect(),
        namespaces: request.namespaces.iter().map(|flags| number(ability::can_unshare(*flags))).collect(),
        mapped: request.mapped.iter().map(|path| number(can_map(path))).collect(),
    }
}

fn number(result: Result<(), Errno>) -> i32 {
    result.err().map_or(0, Errno::raw_os_error)
}

/// On a copy of the mount that goes with its descriptor.
fn can_map(path: &str) -> Result<(), Errno> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC;
    let copy = open_tree(rustix::fs::CWD, path, flags)?;
    let namespace = lend::user_namespace("0 1000000 1", "0 1000000 1", 0)?;
    tsrun_sys::mount::map_ids(copy.as_fd(), namespace.as_fd(), false)
}
