//! What Rust's standard library, GCC's unwinder and libseccomp want from glibc and musl does not have, and what musl is slow at.
#![allow(unsafe_code)] // names that are exported to C

use core::ffi::{c_char, c_int};

/// The standard library asks it which faults of old versions to mind; musl has none of them.
#[unsafe(no_mangle)]
extern "C" fn gnu_get_libc_version() -> *const c_char {
    c"2.36".as_ptr()
}

/// Finds unwind tables. There is nothing to unwind: a panic aborts.
#[unsafe(no_mangle)]
extern "C" fn _dl_find_object() -> c_int {
    -1
}

/// libseccomp prints filters with it, which nobody asks it for.
#[unsafe(no_mangle)]
extern "C" fn __fprintf_chk() -> ! {
    std::process::abort()
}

/// musl's own is one `rep movsq` whatever the length, and most of the engine's copies are shorter than its start-up is worth.
///
/// # Safety
/// As memcpy(3).
#[cfg(target_arch = "x86_64")]
#[unsafe(no_mangle)]
unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, count: usize) -> *mut u8 {
    /// The first and the last bytes; they overlap where the length is not twice the block's.
    #[inline(always)]
    unsafe fn ends<Block>(to: *mut u8, from: *const u8, count: usize) {
        let last = count - size_of::<Block>();
        // SAFETY: the block is no longer than count, and the caller's promise
        unsafe {
            let (head, tail) = (from.cast::<Block>().read_unaligned(), from.add(last).cast::<Block>().read_unaligned());
            to.cast::<Block>().write_unaligned(head);
            to.add(last).cast::<Block>().write_unaligned(tail);
        }
    }
    // SAFETY: each length is in the bounds that its branch needs, and the caller's promise
    unsafe {
        match count {
            0 => {}
            1 => *to = *from,
            2..4 => ends::<u16>(to, from, count),
            4..8 => ends::<u32>(to, from, count),
            8..16 => ends::<u64>(to, from, count),
            16..=32 => ends::<u128>(to, from, count),
            33..=64 => ends::<[u128; 2]>(to, from, count),
            65..=128 => ends::<[u128; 4]>(to, from, count),
            _ => tsrun_sys::entry::copy_forward(to, from, count),
        }
    }
    to
}

/// It stands in one object with musl's memcpy.
///
/// # Safety
/// As memmove(3).
#[cfg(target_arch = "x86_64")]
#[unsafe(no_mangle)]
unsafe extern "C" fn memmove(to: *mut u8, from: *const u8, count: usize) -> *mut u8 {
    // SAFETY: the caller's promise; up to 128 bytes are all read before any is written, and more are copied lowest address first
    // unless that would overwrite what is still to be read
    unsafe {
        if count <= 128 || (to as usize).wrapping_sub(from as usize) >= count {
            return memcpy(to, from, count);
        }
        core::arch::asm!("std", "rep movsb", "cld", inout("rcx") count => _, inout("rsi") from.add(count - 1) => _,
            inout("rdi") to.add(count - 1) => _, options(nostack));
    }
    to
}
