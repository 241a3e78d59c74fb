//! The one thing a runtime does in a new network namespace: it brings lo up (netdevice(7)).
use crate::raw::{check, number, syscall};
use rustix::fd::AsRawFd;
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType};

/// The part of struct ifreq that SIOCGIFFLAGS and SIOCSIFFLAGS use.
#[repr(C)]
struct InterfaceFlags {
    name: [u8; 16],
    flags: i16,
    rest: [u8; 22],
}

/// Sets IFF_UP on lo.
pub fn loopback_up() -> Result<(), Errno> {
    const SIOCGIFFLAGS: usize = 0x8913;
    const SIOCSIFFLAGS: usize = 0x8914;
    const IFF_UP: i16 = 1;
    let socket = rustix::net::socket_with(AddressFamily::INET, SocketType::DGRAM, SocketFlags::CLOEXEC, None)?;
    let mut request = InterfaceFlags { name: *b"lo\0\0\0\0\0\0\0\0\0\0\0\0\0\0", flags: 0, rest: [0; 22] };
    for call in [SIOCGIFFLAGS, SIOCSIFFLAGS] {
        // SAFETY: request is as large as struct ifreq (40 bytes) and outlives the call
        check(unsafe { syscall(number::IOCTL, socket.as_raw_fd() as usize, call, &raw mut request as usize, 0, 0) })?;
        request.flags |= IFF_UP;
    }
    Ok(())
}
