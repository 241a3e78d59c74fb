//! The C entry of libtsrun.so.
use std::sync::Mutex;

/// A reply that did not fit, until it is fetched.
static KEPT: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Performs the request of `len` bytes at `request` and copies the reply to `reply`, which has room for `capacity` bytes.
///
/// Returns the length of the reply; if that is larger than `capacity`, nothing was copied, the reply is kept, and a call
/// with `len` 0 fetches it. Returns -1 when the lengths are impossible.
///
/// # Safety
/// `request` must be readable for `len` bytes and `reply` writable for `capacity` bytes, and they must not overlap.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tsrun_door(request: *const u8, len: u64, reply: *mut u8, capacity: u64) -> i64 {
    let (Ok(len), Ok(capacity)) = (usize::try_from(len), usize::try_from(capacity)) else { return -1 };
    let mut kept = KEPT.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let answer = if len == 0 {
        std::mem::take(&mut *kept)
    } else if request.is_null() {
        return -1;
    } else {
        // SAFETY: the caller's promise
        crate::call(unsafe { std::slice::from_raw_parts(request, len) })
    };
    let length = answer.len();
    if length > capacity {
        *kept = answer;
    } else if length > 0 && !reply.is_null() {
        // SAFETY: the caller's promise, and length <= capacity
        unsafe { std::ptr::copy_nonoverlapping(answer.as_ptr(), reply, length) };
    }
    i64::try_from(length).unwrap_or(-1)
}
