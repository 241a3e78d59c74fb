//! The birth of init: clone3(2) with CLONE_VM | CLONE_VFORK, so that no page table is copied, and execveat(2) of a sealed memfd.
use crate::raw::{check, common_number, number, syscall};
use core::ffi::CStr;
use core::sync::atomic::{AtomicI32, Ordering};
use rustix::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use rustix::io::Errno;

const CLONE_VM: u64 = 0x100;
const CLONE_PIDFD: u64 = 0x1000;
const CLONE_VFORK: u64 = 0x4000;
const CLONE_CLEAR_SIGHAND: u64 = 0x1_0000_0000;
const CLONE_INTO_CGROUP: u64 = 0x2_0000_0000;
const SIGCHLD: u64 = 17;
const F_SETFD: usize = 2;

/// struct clone_args of linux/sched.h.
#[repr(C, align(8))]
#[derive(Default)]
struct CloneArgs {
    flags: u64,
    pidfd: u64,
    child_tid: u64,
    parent_tid: u64,
    exit_signal: u64,
    stack: u64,
    stack_size: u64,
    tls: u64,
    set_tid: u64,
    set_tid_size: u64,
    cgroup: u64,
}

/// What init is started with.
#[derive(Debug)]
pub struct Spawn<'a> {
    /// CLONE_NEW* flags.
    pub namespaces: u64,
    /// The cgroup v2 that init is born into.
    pub cgroup: Option<BorrowedFd<'a>>,
    /// A sealed memfd with a static executable. Its number must be above every number in [first, first + given.len()).
    pub executable: BorrowedFd<'a>,
    /// Become the descriptors first, first + 1, …; their numbers must be above these. All beyond is close-on-exec.
    pub given: &'a [BorrowedFd<'a>],
    pub first: i32,
    /// Descriptors below first that are the caller's although they are marked close-on-exec: Node marks whatever it
    /// inherits. Bit n is descriptor n.
    pub marked: u64,
    /// argv[1]: first in decimal.
    pub argument: &'a CStr,
}

impl Spawn<'_> {
    fn inherits(&self, descriptor: i32) -> bool {
        descriptor < 64 && self.marked & (1 << descriptor) != 0
    }
}

/// A new init.
#[derive(Debug)]
pub struct Child {
    pub pid: i32,
    pub pidfd: OwnedFd,
}

struct Shared<'a> {
    spawn: &'a Spawn<'a>,
    argv: [*const core::ffi::c_char; 3],
    envp: [*const core::ffi::c_char; 1],
    failure: AtomicI32,
}

/// Starts init. Returns when it has executed its program, so that memory is shared no longer; an error of execveat is ours.
pub fn spawn(spawn: &Spawn<'_>) -> Result<Child, Errno> {
    let mut stack = [0_u128; 1024];
    let mut pidfd: i32 = -1;
    let shared = Shared {
        spawn,
        argv: [c"init".as_ptr(), spawn.argument.as_ptr(), core::ptr::null()],
        envp: [core::ptr::null()],
        failure: AtomicI32::new(0),
    };
    let mut args = CloneArgs {
        flags: spawn.namespaces | CLONE_VM | CLONE_VFORK | CLONE_PIDFD | CLONE_CLEAR_SIGHAND,
        pidfd: &raw mut pidfd as u64,
        exit_signal: SIGCHLD,
        stack: stack.as_mut_ptr() as u64,
        stack_size: size_of_val(&stack) as u64,
        ..CloneArgs::default()
    };
    if let Some(cgroup) = spawn.cgroup {
        args.flags |= CLONE_INTO_CGROUP;
        args.cgroup = cgroup.as_raw_fd() as u64;
    }
    let mask = block_signals();
    // SAFETY: the child runs `child` on a stack of its own, and this thread sleeps until the child has executed or ended
    let result = unsafe { clone3(&raw const args, &raw const shared) };
    restore_signals(mask);
    let pid = check(result)? as i32;
    // SAFETY: the kernel made this descriptor for us
    let pidfd = unsafe { OwnedFd::from_raw_fd(pidfd) };
    match shared.failure.load(Ordering::Acquire) {
        0 => Ok(Child { pid, pidfd }),
        errno => {
            let _reaped =
                rustix::process::waitpid(rustix::process::Pid::from_raw(pid), rustix::process::WaitOptions::empty());
            Err(Errno::from_raw_os_error(errno))
        }
    }
}

/// Runs in the child, in the parent's memory: only raw system calls, no libc, no panic, no allocation.
extern "C" fn child(shared: *const Shared<'_>) -> ! {
    // SAFETY: the parent sleeps in clone3 and keeps shared alive
    let shared = unsafe { &*shared };
    let failure = prepare_and_execute(shared);
    shared.failure.store(failure.raw_os_error(), Ordering::Release);
    crate::process::exit(127)
}

fn prepare_and_execute(shared: &Shared<'_>) -> Errno {
    const AT_EMPTY_PATH: usize = 0x1000;
    let spawn = shared.spawn;
    for descriptor in 0..spawn.first {
        if spawn.inherits(descriptor) {
            // SAFETY: F_SETFD with no flags; no pointers
            unsafe { syscall(number::FCNTL, descriptor as usize, F_SETFD, 0, 0, 0) };
        }
    }
    for (offset, descriptor) in spawn.given.iter().enumerate() {
        // SAFETY: no pointers; the child's descriptor table is its own
        if let Err(errno) = check(unsafe {
            syscall(number::DUP3, descriptor.as_raw_fd() as usize, spawn.first as usize + offset, 0, 0, 0)
        }) {
            return errno;
        }
    }
    if let Err(errno) = crate::descriptor::close_on_exec_from(spawn.first as u32 + spawn.given.len() as u32) {
        return errno;
    }
    // SAFETY: an empty path, NULL-terminated arrays, all alive while the parent sleeps
    let result = unsafe {
        syscall(
            number::EXECVEAT,
            spawn.executable.as_raw_fd() as usize,
            c"".as_ptr() as usize,
            shared.argv.as_ptr() as usize,
            shared.envp.as_ptr() as usize,
            AT_EMPTY_PATH,
        )
    };
    check(result).err().unwrap_or(Errno::INVAL)
}

const SIG_SETMASK: usize = 2;

/// A handler of the caller must not run in the child, on memory that both share.
fn block_signals() -> u64 {
    let (all, mut old) = (u64::MAX, 0_u64);
    // SAFETY: two sigset_t of 8 bytes
    let _cannot_fail =
        unsafe { syscall(number::RT_SIGPROCMASK, SIG_SETMASK, &raw const all as usize, &raw mut old as usize, 8, 0) };
    old
}

fn restore_signals(mask: u64) {
    // SAFETY: a sigset_t of 8 bytes
    let _cannot_fail = unsafe { syscall(number::RT_SIGPROCMASK, SIG_SETMASK, &raw const mask as usize, 0, 8, 0) };
}

/// clone3(2): the parent gets the pid, the child calls `child(shared)` on its new stack.
///
/// # Safety
/// args must give a stack of its own to the child and contain CLONE_VFORK; shared must be alive.
#[cfg(target_arch = "x86_64")]
unsafe fn clone3(args: *const CloneArgs, shared: *const Shared<'_>) -> isize {
    let result: isize;
    // SAFETY: the child never returns from `child`, so it never uses a register or stack slot of this frame again
    unsafe {
        core::arch::asm!(
            "syscall",
            "test rax, rax",
            "jnz 2f",
            "xor ebp, ebp",
            "mov rdi, r12",
            "call {child}",
            "ud2",
            "2:",
            child = sym child,
            in("r12") shared,
            inlateout("rax") common_number::CLONE3 => result,
            in("rdi") args,
            in("rsi") size_of::<CloneArgs>(),
            lateout("rcx") _,
            lateout("r11") _,
        );
    }
    result
}

/// clone3(2): the parent gets the pid, the child calls `child(shared)` on its new stack.
///
/// # Safety
/// args must give a stack of its own to the child and contain CLONE_VFORK; shared must be alive.
#[cfg(target_arch = "aarch64")]
unsafe fn clone3(args: *const CloneArgs, shared: *const Shared<'_>) -> isize {
    let result: isize;
    // SAFETY: the child never returns from `child`, so it never uses a register or stack slot of this frame again
    unsafe {
        core::arch::asm!(
            "svc 0",
            "cbnz x0, 2f",
            "mov x29, #0",
            "mov x0, x20",
            "bl {child}",
            "brk #1",
            "2:",
            child = sym child,
            in("x20") shared,
            in("x8") common_number::CLONE3,
            inlateout("x0") args => result,
            in("x1") size_of::<CloneArgs>(),
            lateout("lr") _,
        );
    }
    result
}
