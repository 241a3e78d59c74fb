//! What init may not open or make itself, the runtime lends it: trees of mounts that only the host's root reaches, and the user
//! namespaces by which mounts map their ids.
use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{CWD, Mode, OFlags};
use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitOptions};
use tsrun_plan::owned::InsideOp;
use tsrun_plan::owned::inside::Bind;
use tsrun_plan::{LEND_TREE, LEND_USER_NAMESPACE};
use tsrun_sys::rustix;
use tsrun_sys::rustix::mount::{OpenTreeFlags, open_tree};

use crate::files::write_once;

/// What the step of init (a pid) wants.
pub fn lend(step: &InsideOp, init: i32, wanted: i32) -> Result<OwnedFd, Errno> {
    match (step, wanted) {
        (InsideOp::Bind(op), LEND_TREE) => tree(op, init),
        (InsideOp::Bind(op), LEND_USER_NAMESPACE) => user_namespace(&op.uid_map, &op.gid_map, init),
        (InsideOp::Mount(op), LEND_USER_NAMESPACE) => user_namespace(&op.uid_map, &op.gid_map, init),
        _ => Err(Errno::PROTO),
    }
}

/// A detached copy of what the step binds, with its ids mapped.
fn tree(op: &Bind, init: i32) -> Result<OwnedFd, Errno> {
    let mut flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC;
    flags.set(OpenTreeFlags::AT_RECURSIVE, op.recursive);
    flags.set(OpenTreeFlags::AT_SYMLINK_NOFOLLOW, op.source_nofollow);
    let tree = open_tree(CWD, op.source.as_str(), flags)?;
    if op.idmap {
        let namespace = user_namespace(&op.uid_map, &op.gid_map, init)?;
        tsrun_sys::mount::map_ids(tree.as_fd(), namespace.as_fd(), op.idmap_all)?;
    }
    Ok(tree)
}

/// A new user namespace with these maps, which nobody enters; without maps that of init, new or joined.
pub fn user_namespace(uid_map: &str, gid_map: &str, init: i32) -> Result<OwnedFd, Errno> {
    if uid_map.is_empty() && gid_map.is_empty() {
        return open_user_namespace(init);
    }
    let holder = tsrun_sys::namespace::hold_user_namespace()?;
    let pid = holder.as_raw_nonzero().get();
    let namespace = write_once(format!("/proc/{pid}/uid_map"), uid_map)
        .and_then(|()| write_once(format!("/proc/{pid}/gid_map"), gid_map))
        .and_then(|()| open_user_namespace(pid));
    end(holder);
    namespace
}

fn open_user_namespace(pid: i32) -> Result<OwnedFd, Errno> {
    rustix::fs::open(format!("/proc/{pid}/ns/user"), OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())
}

fn end(child: Pid) {
    // it is ours and not reaped: the number cannot be somebody else's
    if rustix::process::kill_process(child, Signal::KILL).is_ok() {
        let _ = rustix::process::waitpid(Some(child), WaitOptions::empty());
    }
}
