//! The container's terminal: a pty of its own devpts, so that its name means the same inside.
use crate::channel::Channel;
use crate::path;
use crate::root::attach;
use tsrun_sys::rustix::fd::{AsFd, BorrowedFd};
use tsrun_sys::rustix::fs::{Gid, Mode, OFlags, ResolveFlags, Uid, fchmod, fchown, fstatfs, openat, openat2};
use tsrun_sys::rustix::pty::{OpenptFlags, ioctl_tiocgptpeer, unlockpt};
use tsrun_sys::rustix::termios::{Winsize, tcsetwinsize};
use tsrun_sys::{Errno, Result, descriptor};

const DEVPTS_SUPER_MAGIC: u64 = 0x1cd1;

pub struct Terminal {
    pub rows: u32,
    pub columns: u32,
    pub uid: u32,
    pub gid: u32,
    /// It is bound on /dev/console.
    pub console: bool,
}

pub fn open(root: BorrowedFd<'_>, channel: &Channel, step: u32, terminal: &Terminal) -> Result<()> {
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    let master = openat2(root, c"/dev/pts/ptmx", flags, Mode::empty(), resolve)?;
    // a file of the image that only looks like ptmx is refused
    if fstatfs(&master)?.f_type as u64 != DEVPTS_SUPER_MAGIC {
        return Err(Errno::NOTTY);
    }
    unlockpt(&master)?;
    let peer = ioctl_tiocgptpeer(&master, OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
    if terminal.rows | terminal.columns != 0 {
        let size =
            Winsize { ws_row: terminal.rows as u16, ws_col: terminal.columns as u16, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&peer, size)?;
    }
    fchown(&peer, Some(Uid::from_raw(terminal.uid)), Some(Gid::from_raw(terminal.gid)))?;
    fchmod(&peer, Mode::from_raw_mode(0o620))?;
    if terminal.console {
        bind_console(root, peer.as_fd())?;
    }
    for number in 0..3 {
        descriptor::replace(peer.as_fd(), number)?;
    }
    channel.send_terminal(step, master.as_fd())
}

/// /dev/console is the terminal. The file it is bound on is made anew or must be no symlink (CVE-2025-52565).
fn bind_console(root: BorrowedFd<'_>, peer: BorrowedFd<'_>) -> Result<()> {
    let devices = path::resolve_plain(root, c"/dev", OFlags::DIRECTORY)?;
    let make = OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::WRONLY;
    match openat(&devices, c"console", make, Mode::from_raw_mode(0o600)) {
        Ok(_) | Err(Errno::EXIST) => {}
        Err(errno) => return Err(errno),
    }
    let target = path::resolve_plain(devices.as_fd(), c"console", OFlags::empty())?;
    attach(crate::mounts::clone_tree(peer, c"", false)?, &target)
}
