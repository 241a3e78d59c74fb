//! Who the program is: user, groups, capabilities. Each is read back: what was asked for is so, or the container is not made.
use crate::masks::is_null;
use crate::path::resolve_plain;
use core::ffi::CStr;
use tsrun_plan::wire::Numbers;
use tsrun_sys::rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use tsrun_sys::rustix::fs::{Gid, Mode, OFlags, ResolveFlags, Uid, fchown, fcntl_getfl, fcntl_setfl, fstat, openat2};
use tsrun_sys::rustix::thread::{
    CapabilitySet, CapabilitySets, capabilities, clear_ambient_capability_set, configure_capability_in_ambient_set,
    remove_capability_from_bounding_set, set_capabilities, set_keep_capabilities, set_thread_res_gid,
    set_thread_res_uid,
};
use tsrun_sys::rustix::{process, thread};
use tsrun_sys::{Errno, Result, descriptor, security};

/// Every 32-bit id but this one is a user; -1 means "leave unchanged" to setresuid(2).
const NOBODY_AT_ALL: u32 = u32::MAX;

pub fn become_root() -> Result<()> {
    set_thread_res_gid(Gid::ROOT, Gid::ROOT, Gid::ROOT)?;
    set_thread_res_uid(Uid::ROOT, Uid::ROOT, Uid::ROOT)
}

pub fn set_credentials(uid: u32, gid: u32, groups: Numbers<'_>, setgroups: bool) -> Result<()> {
    if uid == NOBODY_AT_ALL || gid == NOBODY_AT_ALL {
        return Err(Errno::INVAL);
    }
    // permitted capabilities must survive the change of user, for capset afterwards
    set_keep_capabilities(true)?;
    if setgroups {
        let mut list = [0; 1024];
        let places = list.get_mut(..groups.len()).ok_or(Errno::INVAL)?;
        places.iter_mut().zip(groups.iter()).for_each(|(place, group)| *place = group);
        security::set_groups(places)?;
    }
    let (user, group) = (Uid::from_raw(uid), Gid::from_raw(gid));
    set_thread_res_gid(group, group, group)?;
    set_thread_res_uid(user, user, user)?;
    if process::getuid() != user
        || process::geteuid() != user
        || process::getgid() != group
        || process::getegid() != group
    {
        return Err(Errno::PERM);
    }
    Ok(())
}

/// Drops every capability up to the kernel's last one that keep lacks.
pub fn bound_capabilities(keep: u64) -> Result<()> {
    for number in 0..64 {
        let capability = CapabilitySet::from_bits_retain(1 << number);
        if keep & (1 << number) == 0 {
            match remove_capability_from_bounding_set(capability) {
                Ok(()) => {}
                // beyond cap_last_cap
                Err(Errno::INVAL) => break,
                Err(errno) => return Err(errno),
            }
        }
    }
    Ok(())
}

pub fn set_capability_sets(effective: u64, permitted: u64, inheritable: u64, ambient: u64) -> Result<()> {
    let sets = CapabilitySets {
        effective: CapabilitySet::from_bits_retain(effective),
        permitted: CapabilitySet::from_bits_retain(permitted),
        inheritable: CapabilitySet::from_bits_retain(inheritable),
    };
    set_capabilities(None, sets)?;
    clear_ambient_capability_set()?;
    for number in 0..64 {
        if ambient & (1 << number) != 0 {
            configure_capability_in_ambient_set(CapabilitySet::from_bits_retain(1 << number), true)?;
        }
    }
    let now = capabilities(None)?;
    if now.effective != sets.effective || now.permitted != sets.permitted || now.inheritable != sets.inheritable {
        return Err(Errno::PERM);
    }
    set_keep_capabilities(false)
}

pub fn forbid_new_privileges() -> Result<()> {
    thread::set_no_new_privs(true)?;
    if thread::no_new_privs()? { Ok(()) } else { Err(Errno::PERM) }
}

/// The program's user owns its standard streams, but never a /dev/null; the host's is exchanged for the container's.
pub fn own_stdio(root: BorrowedFd<'_>, uid: u32, gid: u32) -> Result<()> {
    for number in 0..3 {
        let stream = descriptor::borrowed(number);
        if is_null(stream)? {
            // a root without a null device that can be opened leaves the stream as it is
            if let Ok(own) = own_null(root, fcntl_getfl(stream)?) {
                descriptor::replace(own.as_fd(), number)?;
            }
            continue;
        }
        let stat = fstat(stream)?;
        if (stat.st_uid, stat.st_gid) == (uid, gid) {
            continue;
        }
        match fchown(stream, Some(Uid::from_raw(uid)), Some(Gid::from_raw(stat.st_gid))) {
            // a file of a read-only or foreign file system keeps its owner
            Ok(()) | Err(Errno::PERM | Errno::ROFS | Errno::INVAL) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

/// The container's own /dev/null, opened as flags say. Nothing but a null device is opened, and what was opened is one.
fn own_null(root: BorrowedFd<'_>, flags: OFlags) -> Result<OwnedFd> {
    if flags.contains(OFlags::PATH) || !is_null(resolve_plain(root, NULL, OFlags::empty())?)? {
        return Err(Errno::NODEV);
    }
    let open = flags & OFlags::ACCMODE | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    let null = openat2(root, NULL, open, Mode::empty(), resolve)?;
    if !is_null(&null)? {
        return Err(Errno::NODEV);
    }
    fcntl_setfl(&null, flags & (OFlags::APPEND | OFlags::NONBLOCK))?;
    Ok(null)
}

const NULL: &CStr = c"/dev/null";
