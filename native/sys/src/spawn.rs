//! The birth of init: clone3(2) with CLONE_VM, so that no page table is copied, and execveat(2) of a sealed memfd.
use crate::raw::{check, common_number, number, syscall};
use alloc::boxed::Box;
use core::ffi::{CStr, c_char};
use core::sync::atomic::{AtomicI32, Ordering};
use rustix::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use rustix::io::Errno;

const CLONE_VM: u64 = 0x100;
const CLONE_PIDFD: u64 = 0x1000;
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

/// A new init. It shares the caller's memory until it has executed its program, so that this must be kept until then.
#[derive(Debug)]
pub struct Child {
    pub pid: i32,
    pub pidfd: OwnedFd,
    shared: Box<Shared>,
    _stack: Box<Stack>,
}

impl Child {
    /// Why it could not execute its program, once it has ended.
    #[must_use]
    pub fn failure(&self) -> Option<Errno> {
        match self.shared.failure.load(Ordering::Acquire) {
            0 => None,
            errno => Some(Errno::from_raw_os_error(errno)),
        }
    }
}

type Stack = [u128; 1024];

/// What the child reads while it runs in the caller's memory: numbers of descriptors, for its own table is a copy.
#[derive(Debug)]
struct Shared {
    executable: i32,
    given: [i32; 3],
    count: usize,
    first: i32,
    marked: u64,
    argument: [u8; 12],
    argv: [*const c_char; 3],
    envp: [*const c_char; 1],
    failure: AtomicI32,
}

// SAFETY: the pointers lead to constants and into the struct itself, which is boxed and not changed after the birth
unsafe impl Send for Child {}

/// Starts init, without waiting until it has executed its program.
pub fn spawn(spawn: &Spawn<'_>) -> Result<Child, Errno> {
    let mut stack: Box<Stack> = Box::new([0; 1024]);
    let mut shared = Box::new(Shared {
        executable: spawn.executable.as_raw_fd(),
        given: [0; 3],
        count: spawn.given.len(),
        first: spawn.first,
        marked: spawn.marked,
        argument: [0; 12],
        argv: [core::ptr::null(); 3],
        envp: [core::ptr::null()],
        failure: AtomicI32::new(0),
    });
    let argument = spawn.argument.to_bytes();
    shared.argument.get_mut(..argument.len()).ok_or(Errno::INVAL)?.copy_from_slice(argument);
    if argument.len() == shared.argument.len() || shared.count > shared.given.len() {
        return Err(Errno::INVAL);
    }
    shared.given.iter_mut().zip(spawn.given).for_each(|(number, given)| *number = given.as_raw_fd());
    shared.argv = [c"init".as_ptr(), shared.argument.as_ptr().cast(), core::ptr::null()];
    let mut pidfd: i32 = -1;
    let mut args = CloneArgs {
        flags: spawn.namespaces | CLONE_VM | CLONE_PIDFD | CLONE_CLEAR_SIGHAND,
        pidfd: &raw mut pidfd as u64,
        exit_signal: SIGCHLD,
        stack: stack.as_mut_ptr() as u64,
        stack_size: size_of::<Stack>() as u64,
        ..CloneArgs::default()
    };
    if let Some(cgroup) = spawn.cgroup {
        args.flags |= CLONE_INTO_CGROUP;
        args.cgroup = cgroup.as_raw_fd() as u64;
    }
    let mask = block_signals();
    // SAFETY: the child runs `child` on a stack of its own; stack and shared live in what is returned
    let result = unsafe { clone3(&raw const args, &raw const *shared) };
    restore_signals(mask);
    let pid = check(result)? as i32;
    // SAFETY: the kernel made this descriptor for us
    let pidfd = unsafe { OwnedFd::from_raw_fd(pidfd) };
    Ok(Child { pid, pidfd, shared, _stack: stack })
}

/// Runs in the child, in the parent's memory: only raw system calls, no libc, no panic, no allocation.
extern "C" fn child(shared: *const Shared) -> ! {
    // SAFETY: the parent keeps shared alive until this process has executed another program or ended
    let shared = unsafe { &*shared };
    let failure = prepare_and_execute(shared);
    shared.failure.store(failure.raw_os_error(), Ordering::Release);
    crate::process::exit(127)
}

fn prepare_and_execute(shared: &Shared) -> Errno {
    const AT_EMPTY_PATH: usize = 0x1000;
    let mut descriptor = 0;
    while descriptor < shared.first && descriptor < 64 {
        if shared.marked & (1 << descriptor) != 0 {
            // SAFETY: F_SETFD with no flags; no pointers
            unsafe { syscall(number::FCNTL, descriptor as usize, F_SETFD, 0, 0, 0) };
        }
        descriptor += 1;
    }
    for (offset, descriptor) in shared.given.iter().take(shared.count).enumerate() {
        let target = shared.first as usize + offset;
        // SAFETY: no pointers; the child's descriptor table is its own
        let result = unsafe { syscall(number::DUP3, *descriptor as usize, target, 0, 0, 0) };
        if let Err(errno) = check(result) {
            return errno;
        }
    }
    if let Err(errno) = crate::descriptor::close_on_exec_from(shared.first as u32 + shared.count as u32) {
        return errno;
    }
    // SAFETY: an empty path, NULL-terminated arrays, all alive as long as shared
    let result = unsafe {
        syscall(
            number::EXECVEAT,
            shared.executable as usize,
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
pub(crate) fn block_signals() -> u64 {
    let (all, mut old) = (u64::MAX, 0_u64);
    // SAFETY: two sigset_t of 8 bytes
    let _cannot_fail =
        unsafe { syscall(number::RT_SIGPROCMASK, SIG_SETMASK, &raw const all as usize, &raw mut old as usize, 8, 0) };
    old
}

pub(crate) fn restore_signals(mask: u64) {
    // SAFETY: a sigset_t of 8 bytes
    let _cannot_fail = unsafe { syscall(number::RT_SIGPROCMASK, SIG_SETMASK, &raw const mask as usize, 0, 8, 0) };
}

/// clone3(2): the parent gets the pid, the child calls `child(shared)` on its new stack.
///
/// # Safety
/// args must give a stack of its own to the child; stack and shared must live until the child has executed or ended.
#[cfg(target_arch = "x86_64")]
unsafe fn clone3(args: *const CloneArgs, shared: *const Shared) -> isize {
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
/// args must give a stack of its own to the child; stack and shared must live until the child has executed or ended.
#[cfg(target_arch = "aarch64")]
unsafe fn clone3(args: *const CloneArgs, shared: *const Shared) -> isize {
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
