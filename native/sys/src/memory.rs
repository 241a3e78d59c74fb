//! Memory without an allocator: a file mapped for good, and arrays of pointers.
use core::ffi::{CStr, c_char};
use core::marker::PhantomData;
use rustix::fd::BorrowedFd;
use rustix::io::Errno;
use rustix::mm::{MapFlags, ProtFlags};

/// Maps length bytes of the file read-only, for as long as the process lives.
/// The file must not shrink: callers pass a memfd with F_SEAL_SHRINK and F_SEAL_WRITE.
pub fn map_file(file: BorrowedFd<'_>, length: usize) -> Result<&'static [u8], Errno> {
    // SAFETY: a new private read-only mapping, never unmapped
    let address =
        unsafe { rustix::mm::mmap(core::ptr::null_mut(), length, ProtFlags::READ, MapFlags::PRIVATE, file, 0)? };
    // SAFETY: the mapping has length bytes, and the seals keep the file as it is
    Ok(unsafe { core::slice::from_raw_parts(address.cast::<u8>(), length) })
}

fn map_anonymous(length: usize) -> Result<*mut u8, Errno> {
    // SAFETY: a new private mapping
    unsafe {
        rustix::mm::mmap_anonymous(core::ptr::null_mut(), length, ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE)
    }
    .map(|address| address.cast())
}

/// Memory that lives as long as the process, with all its pages.
#[cfg(feature = "host")]
pub fn populated(length: usize) -> Result<*mut u8, Errno> {
    let flags = MapFlags::PRIVATE | MapFlags::POPULATE;
    // SAFETY: a new private mapping
    unsafe { rustix::mm::mmap_anonymous(core::ptr::null_mut(), length, ProtFlags::READ | ProtFlags::WRITE, flags) }
        .map(|address| address.cast())
}

/// A zeroed buffer that lives as long as the process.
pub fn buffer(length: usize) -> Result<&'static mut [u8], Errno> {
    let address = map_anonymous(length)?;
    // SAFETY: length writable bytes that nobody else refers to
    Ok(unsafe { core::slice::from_raw_parts_mut(address, length) })
}

/// A NULL-terminated array of strings, as execve(2) wants it.
#[derive(Debug)]
pub struct StringArray<'a> {
    start: *mut *const c_char,
    capacity: usize,
    count: usize,
    strings: PhantomData<&'a CStr>,
}

impl<'a> StringArray<'a> {
    /// An empty array with room for capacity strings.
    pub fn with_capacity(capacity: usize) -> Result<Self, Errno> {
        let start = map_anonymous(Self::size(capacity))?.cast();
        Ok(Self { start, capacity, count: 0, strings: PhantomData })
    }

    const fn size(capacity: usize) -> usize {
        (capacity + 1) * size_of::<*const c_char>()
    }

    pub fn push(&mut self, text: &'a CStr) -> Result<(), Errno> {
        if self.count == self.capacity {
            return Err(Errno::TOOBIG);
        }
        // SAFETY: count < capacity, and the mapping has room for capacity + 1 pointers; what follows stays NULL
        unsafe { self.start.add(self.count).write(text.as_ptr()) };
        self.count += 1;
        Ok(())
    }

    #[must_use]
    pub fn as_ptr(&self) -> *const *const c_char {
        self.start
    }
}

impl Drop for StringArray<'_> {
    fn drop(&mut self) {
        // SAFETY: the mapping made above, to which nothing refers any more
        let _cannot_fail = unsafe { rustix::mm::munmap(self.start.cast(), Self::size(self.capacity)) };
    }
}
