//! Standard descriptors.

use std::os::fd::IntoRawFd as _;

use rustix::fs::{Mode, OFlags, open};
use rustix::io::fcntl_getfd;
use rustix::stdio::{stderr, stdin, stdout};

/// Opens `/dev/null` on those of 0, 1 and 2 that the caller closed, or the next file that is opened would take their
/// place and be read or written as a standard stream. In ascending order, because `open` takes the lowest free number.
pub fn open_standard() {
    for descriptor in [stdin(), stdout(), stderr()] {
        if fcntl_getfd(descriptor).is_err() {
            // Without /dev/null (an empty root) the number stays free, and so it is for everybody.
            if let Ok(null) = open("/dev/null", OFlags::RDWR, Mode::empty()) {
                let _stays_open = null.into_raw_fd();
            }
        }
    }
}
