//! The root file system: bound on itself, entered, and left with no way back.
use core::ffi::CStr;
use tsrun_sys::rustix::fd::{AsFd, OwnedFd};
use tsrun_sys::rustix::fs::{CWD, Mode, OFlags, open};
use tsrun_sys::rustix::mount::{
    MountPropagationFlags, MoveMountFlags, OpenTreeFlags, UnmountFlags, mount_change, move_mount, open_tree, unmount,
};
use tsrun_sys::rustix::process::{chdir, chroot, fchdir, pivot_root};
use tsrun_sys::{Errno, Result};

/// Binds the directory at path on itself with all below it; the root of the new mount.
pub fn open_on_itself(path: &CStr) -> Result<OwnedFd> {
    let directory = open(path, OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())?;
    let flags = OpenTreeFlags::OPEN_TREE_CLONE
        | OpenTreeFlags::OPEN_TREE_CLOEXEC
        | OpenTreeFlags::AT_RECURSIVE
        | OpenTreeFlags::AT_EMPTY_PATH;
    let tree = open_tree(&directory, c"", flags)?;
    attach(&tree, &directory)?;
    Ok(tree)
}

/// Mounts a detached tree on what the descriptor target refers to.
pub fn attach(tree: impl AsFd, target: impl AsFd) -> Result<()> {
    let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH;
    move_mount(tree, c"", target, c"", flags)
}

/// The directory as it is, without a mount of its own (no mount namespace).
pub fn open_plain(path: &CStr) -> Result<OwnedFd> {
    open(path, OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())
}

pub fn propagate(path: &CStr, flags: u64) -> Result<()> {
    mount_change(path, MountPropagationFlags::from_bits_retain(flags as u32))
}

pub fn enter(root: &OwnedFd, method: &CStr) -> Result<()> {
    match method.to_bytes() {
        b"pivot" => pivot(root),
        b"move" => move_root(root),
        b"change" => {
            fchdir(root)?;
            chroot(c".")?;
            chdir(c"/")
        }
        _ => Err(Errno::INVAL),
    }
}

/// pivot_root(".", ".") stacks the old root on the new one, from where it is detached: no directory for it is needed.
fn pivot(root: &OwnedFd) -> Result<()> {
    let old = open(c"/", OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    fchdir(root)?;
    pivot_root(c".", c".")?;
    fchdir(&old)?;
    // the detaching below must not propagate to a host that shares these mounts
    mount_change(c".", MountPropagationFlags::DOWNSTREAM | MountPropagationFlags::REC)?;
    unmount(c".", UnmountFlags::DETACH)?;
    chdir(c"/")
}

/// For a root file system that cannot be pivoted (initramfs). A full procfs or sysfs of the host must not stay reachable
/// below the new root's parent: the kernel lets a user namespace mount a new one if it sees a full one. All that can be
/// unmounted is; the rest is covered by the new root.
fn move_root(root: &OwnedFd) -> Result<()> {
    for path in [c"/proc", c"/sys"] {
        while let Ok(()) = unmount(path, UnmountFlags::DETACH) {}
    }
    fchdir(root)?;
    let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH;
    move_mount(root, c"", CWD, c"/", flags)?;
    chroot(c".")?;
    chdir(c"/")
}
