//! prlimit(2) on another process.
use crate::raw::{check, number, syscall};
use rustix::io::Errno;

/// Sets soft and hard limit of a resource (RLIMIT_*); u64::MAX is RLIM_INFINITY. Reads them back.
pub fn set(pid: i32, resource: u32, soft: u64, hard: u64) -> Result<(), Errno> {
    let (wanted, mut found) = ([soft, hard], [0_u64; 2]);
    let call = |new: usize, old: usize| {
        // SAFETY: new and old are 0 or point to a struct rlimit64
        check(unsafe { syscall(number::PRLIMIT64, pid as usize, resource as usize, new, old, 0) })
    };
    call(wanted.as_ptr() as usize, 0)?;
    call(0, found.as_mut_ptr() as usize)?;
    if found == wanted { Ok(()) } else { Err(Errno::PERM) }
}

/// The hard limit of a resource as it is.
pub fn hard(pid: i32, resource: u32) -> Result<u64, Errno> {
    let mut found = [0_u64; 2];
    // SAFETY: no new limits; found is a struct rlimit64
    check(unsafe { syscall(number::PRLIMIT64, pid as usize, resource as usize, 0, found.as_mut_ptr() as usize, 0) })?;
    Ok(found[1])
}
