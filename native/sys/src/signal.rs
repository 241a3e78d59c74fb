//! Signals of the runtime itself: in the foreground they go to the container.
use core::sync::atomic::{AtomicI32, Ordering};
use rustix::fd::{AsRawFd, BorrowedFd, OwnedFd};
use rustix::io::Errno;

static PIPE: AtomicI32 = AtomicI32::new(-1);

/// Async-signal-safe: one write(2), errno kept.
extern "C" fn note(signal: i32) {
    let byte = signal as u8;
    // SAFETY: a valid buffer of one byte; the descriptor lives as long as the process
    unsafe {
        let errno = *libc::__errno_location();
        libc::write(PIPE.load(Ordering::Relaxed), (&raw const byte).cast(), 1);
        *libc::__errno_location() = errno;
    }
}

/// Every signal that can be caught, but those that are about this very process, from now on writes its number as
/// one byte to the returned pipe. Handlers, not signalfd: Node has threads that do not block what this thread would.
pub fn catch_all() -> Result<OwnedFd, Errno> {
    let (reader, writer) =
        rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC | rustix::pipe::PipeFlags::NONBLOCK)?;
    PIPE.store(writer.as_raw_fd(), Ordering::Relaxed);
    core::mem::forget(writer);
    let own = [
        libc::SIGSEGV,
        libc::SIGBUS,
        libc::SIGFPE,
        libc::SIGILL,
        libc::SIGTRAP,
        libc::SIGSYS,
        libc::SIGABRT,
        libc::SIGPIPE,
        libc::SIGKILL,
        libc::SIGSTOP,
        // what a terminal says to those in its background is for the runtime itself
        libc::SIGTTIN,
        libc::SIGTTOU,
    ];
    for signal in 1..=64 {
        if own.contains(&signal) || signal == 32 || signal == 33 {
            continue;
        }
        // SAFETY: a zeroed sigaction with a handler that is async-signal-safe
        unsafe {
            let mut action: libc::sigaction = core::mem::zeroed();
            action.sa_sigaction = note as *const () as usize;
            action.sa_flags = libc::SA_RESTART;
            libc::sigaction(signal, &raw const action, core::ptr::null_mut());
        }
    }
    Ok(reader)
}

/// Sets the window size of the terminal to that of another.
pub fn copy_window_size(from: BorrowedFd<'_>, to: BorrowedFd<'_>) {
    if let Ok(size) = rustix::termios::tcgetwinsize(from) {
        let _gone = rustix::termios::tcsetwinsize(to, size);
    }
}
