//! The start of a program without libc: `entry!(main)` makes `_start`, which calls `fn main(argv1: i32) -> i32` with the
//! decimal number in argv[1].

/// Makes `_start` of a static program.
#[macro_export]
macro_rules! entry {
    ($main:path) => {
        #[cfg(target_arch = "x86_64")]
        core::arch::global_asm!(
            ".globl _start",
            "_start:",
            "xor ebp, ebp",
            "mov rdi, rsp",
            "and rsp, -16",
            "call {start}",
            "ud2",
            start = sym __tsrun_start,
        );
        #[cfg(target_arch = "aarch64")]
        core::arch::global_asm!(
            ".globl _start",
            "_start:",
            "mov x29, #0",
            "mov x30, #0",
            "mov x0, sp",
            "bl {start}",
            "brk #1",
            start = sym __tsrun_start,
        );
        extern "C" fn __tsrun_start(stack: *const usize) -> ! {
            // SAFETY: called by _start with the stack pointer that the kernel gave
            let argument = unsafe { $crate::entry::first_argument(stack) };
            $crate::process::exit($main(argument))
        }
    };
}

/// The decimal number in argv[1]; -1 if there is none.
///
/// # Safety
/// stack must be the initial stack pointer: argc, then argv.
#[must_use]
pub unsafe fn first_argument(stack: *const usize) -> i32 {
    // SAFETY: argc is at the stack pointer, argv[1] two words above it
    let text = unsafe {
        if *stack < 2 {
            return -1;
        }
        core::ffi::CStr::from_ptr(*stack.add(2) as *const core::ffi::c_char)
    };
    core::str::from_utf8(text.to_bytes()).ok().and_then(|digits| digits.parse().ok()).unwrap_or(-1)
}

/// What the compiler calls for copies and comparisons where no libc offers them.
#[macro_export]
macro_rules! memory_functions {
    () => {
        /// # Safety
        /// As memcpy(3).
        #[unsafe(no_mangle)]
        unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, count: usize) -> *mut u8 {
            // SAFETY: the caller's promise; volatile-free byte loop in assembly, which the compiler cannot turn into memcpy
            unsafe { $crate::entry::copy_forward(to, from, count) };
            to
        }
        /// # Safety
        /// As memmove(3).
        #[unsafe(no_mangle)]
        unsafe extern "C" fn memmove(to: *mut u8, from: *const u8, count: usize) -> *mut u8 {
            if (to as usize).wrapping_sub(from as usize) >= count {
                // SAFETY: the caller's promise, and forward copying does not overwrite what is still to be read
                unsafe { $crate::entry::copy_forward(to, from, count) };
            } else {
                let mut left = count;
                while left > 0 {
                    left -= 1;
                    // SAFETY: the caller's promise
                    unsafe { to.add(left).write_volatile(from.add(left).read_volatile()) };
                }
            }
            to
        }
        /// # Safety
        /// As memset(3).
        #[unsafe(no_mangle)]
        unsafe extern "C" fn memset(to: *mut u8, byte: i32, count: usize) -> *mut u8 {
            // SAFETY: the caller's promise
            unsafe { $crate::entry::fill(to, byte as u8, count) };
            to
        }
        /// # Safety
        /// As memcmp(3).
        #[unsafe(no_mangle)]
        unsafe extern "C" fn memcmp(a: *const u8, b: *const u8, count: usize) -> i32 {
            let mut at = 0;
            while at < count {
                // SAFETY: the caller's promise
                let (x, y) = unsafe { (a.add(at).read_volatile(), b.add(at).read_volatile()) };
                if x != y {
                    return i32::from(x) - i32::from(y);
                }
                at += 1;
            }
            0
        }
        /// # Safety
        /// As bcmp(3).
        #[unsafe(no_mangle)]
        unsafe extern "C" fn bcmp(a: *const u8, b: *const u8, count: usize) -> i32 {
            // SAFETY: the caller's promise
            unsafe { memcmp(a, b, count) }
        }
        /// # Safety
        /// As strlen(3).
        #[unsafe(no_mangle)]
        unsafe extern "C" fn strlen(text: *const core::ffi::c_char) -> usize {
            let mut length = 0;
            // SAFETY: the caller's promise
            while unsafe { text.add(length).read_volatile() } != 0 {
                length += 1;
            }
            length
        }
    };
}

/// Copies count bytes, lowest address first.
///
/// # Safety
/// As memcpy(3).
#[inline(always)]
pub unsafe fn copy_forward(to: *mut u8, from: *const u8, count: usize) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: the caller's promise; the direction flag is clear by the ABI
    unsafe {
        core::arch::asm!("rep movsb", inout("rcx") count => _, inout("rdi") to => _, inout("rsi") from => _,
            options(nostack, preserves_flags));
    }
    #[cfg(not(target_arch = "x86_64"))]
    for at in 0..count {
        // SAFETY: the caller's promise; volatile, so that the loop does not become a call of memcpy
        unsafe { to.add(at).write_volatile(from.add(at).read_volatile()) };
    }
}

/// Sets count bytes.
///
/// # Safety
/// As memset(3).
#[inline(always)]
pub unsafe fn fill(to: *mut u8, byte: u8, count: usize) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: the caller's promise; the direction flag is clear by the ABI
    unsafe {
        core::arch::asm!("rep stosb", inout("rcx") count => _, inout("rdi") to => _, in("al") byte,
            options(nostack, preserves_flags));
    }
    #[cfg(not(target_arch = "x86_64"))]
    for at in 0..count {
        // SAFETY: the caller's promise; volatile, so that the loop does not become a call of memset
        unsafe { to.add(at).write_volatile(byte) };
    }
}
