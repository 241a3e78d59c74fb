//! The bare system call instruction. Nothing here touches a libc: it works in init and in a child that shares its parent's memory.
use rustix::io::Errno;

#[cfg(target_arch = "x86_64")]
#[rustfmt::skip]
pub mod number {
    pub const CLONE: usize = 56;
    pub const SETNS: usize = 308;
    pub const EXIT_GROUP: usize = 231;
    pub const IOCTL: usize = 16;
    pub const DUP3: usize = 292;
    pub const RT_SIGACTION: usize = 13;
    pub const RT_SIGPROCMASK: usize = 14;
    pub const PRCTL: usize = 157;
    pub const KEYCTL: usize = 250;
    pub const SECCOMP: usize = 317;
    pub const EXECVEAT: usize = 322;
    pub const EXECVE: usize = 59;
    pub const FCNTL: usize = 72;
    pub const PRLIMIT64: usize = 302;
    pub const GETCWD: usize = 79;
    pub const SETGROUPS: usize = 116;
    pub const GETGROUPS: usize = 115;
    pub const SCHED_SETAFFINITY: usize = 203;
    pub const SCHED_SETATTR: usize = 314;
    pub const IOPRIO_SET: usize = 251;
    pub const PERSONALITY: usize = 135;
    pub const PPOLL: usize = 271;
    pub const BPF: usize = 321;
}

#[cfg(target_arch = "aarch64")]
#[rustfmt::skip]
pub mod number {
    pub const CLONE: usize = 220;
    pub const SETNS: usize = 268;
    pub const EXIT_GROUP: usize = 94;
    pub const IOCTL: usize = 29;
    pub const DUP3: usize = 24;
    pub const RT_SIGACTION: usize = 134;
    pub const RT_SIGPROCMASK: usize = 135;
    pub const PRCTL: usize = 167;
    pub const KEYCTL: usize = 219;
    pub const SECCOMP: usize = 277;
    pub const EXECVEAT: usize = 281;
    pub const EXECVE: usize = 221;
    pub const FCNTL: usize = 25;
    pub const PRLIMIT64: usize = 261;
    pub const GETCWD: usize = 17;
    pub const SETGROUPS: usize = 159;
    pub const GETGROUPS: usize = 158;
    pub const SCHED_SETAFFINITY: usize = 122;
    pub const SCHED_SETATTR: usize = 274;
    pub const IOPRIO_SET: usize = 30;
    pub const PERSONALITY: usize = 92;
    pub const PPOLL: usize = 73;
    pub const BPF: usize = 280;
}

/// Numbers that are the same on every architecture.
#[rustfmt::skip]
pub mod common_number {
    pub const PIDFD_SEND_SIGNAL: usize = 424;
    pub const CLONE3: usize = 435;
    pub const CLOSE_RANGE: usize = 436;
    pub const MOUNT_SETATTR: usize = 442;
}

/// One system call; a negative errno on failure.
///
/// # Safety
/// The arguments must be what the kernel expects of this number, pointers included.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub unsafe fn syscall(number: usize, a: usize, b: usize, c: usize, d: usize, e: usize) -> isize {
    let result: isize;
    // SAFETY: the kernel clobbers rcx and r11 only; the rest is the caller's promise
    unsafe {
        core::arch::asm!("syscall", inlateout("rax") number => result, in("rdi") a, in("rsi") b, in("rdx") c,
            in("r10") d, in("r8") e, lateout("rcx") _, lateout("r11") _, options(nostack));
    }
    result
}

/// One system call; a negative errno on failure.
///
/// # Safety
/// The arguments must be what the kernel expects of this number, pointers included.
#[cfg(target_arch = "aarch64")]
#[inline(always)]
pub unsafe fn syscall(number: usize, a: usize, b: usize, c: usize, d: usize, e: usize) -> isize {
    let result: isize;
    // SAFETY: svc clobbers nothing but x0; the rest is the caller's promise
    unsafe {
        core::arch::asm!("svc 0", in("x8") number, inlateout("x0") a => result, in("x1") b, in("x2") c, in("x3") d,
            in("x4") e, options(nostack));
    }
    result
}

/// The value of a raw result, or its errno.
pub fn check(result: isize) -> Result<usize, Errno> {
    if result < 0 { Err(Errno::from_raw_os_error(-result as i32)) } else { Ok(result.cast_unsigned()) }
}
