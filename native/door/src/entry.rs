//! The C entry of libtsrun.so.

/// Performs the request of `len` bytes at `request` and copies the reply to `reply`, which has room for `capacity` bytes.
///
/// Returns the length of the reply; if that is larger than `capacity`, nothing was copied, the reply is kept, and a call
/// with `len` 0 fetches it.
///
/// # Safety
/// `request` must be readable for `len` bytes and `reply` writable for `capacity` bytes, and they must not overlap.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tsrun_door(request: *const u8, len: u64, reply: *mut u8, capacity: u64) -> i64 {
    let _ = (request, len, reply, capacity);
    0
}
