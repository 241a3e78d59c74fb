//! The heap: dlmalloc over pieces of memory whose pages are all there at once. The C library's own asks the kernel for every few
//! kilobytes, and each page that comes about by being touched costs more than its zeroing.
#![allow(unsafe_code)] // allocators are

use core::alloc::{GlobalAlloc, Layout};
use dlmalloc::{Allocator, Dlmalloc};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A verb needs about half a megabyte; a page that nobody needs costs as much as one that somebody does.
const PIECE: usize = 64 * 1024;

struct Kernel;

// SAFETY: every piece is a new private mapping that is never given back, of at least the size asked for
unsafe impl Allocator for Kernel {
    fn alloc(&self, size: usize) -> (*mut u8, usize, u32) {
        let size = size.next_multiple_of(PIECE);
        tsrun_sys::memory::populated(size).map_or((core::ptr::null_mut(), 0, 0), |piece| (piece, size, 0))
    }

    fn remap(&self, _: *mut u8, _: usize, _: usize, _: bool) -> *mut u8 {
        core::ptr::null_mut()
    }

    fn free_part(&self, _: *mut u8, _: usize, _: usize) -> bool {
        false
    }

    fn free(&self, _: *mut u8, _: usize) -> bool {
        false
    }

    fn can_release_part(&self, _: u32) -> bool {
        false
    }

    fn allocates_zeros(&self) -> bool {
        true
    }

    fn page_size(&self) -> usize {
        4096
    }
}

pub struct Heap(Mutex<Dlmalloc<Kernel>>);

impl Heap {
    pub const fn new() -> Self {
        Self(Mutex::new(Dlmalloc::new_with_allocator(Kernel)))
    }

    fn lock(&self) -> MutexGuard<'_, Dlmalloc<Kernel>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// SAFETY: dlmalloc's blocks fit their layouts; the lock lets one thread in at a time, and needs no memory itself
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises
        unsafe { self.lock().malloc(layout.size(), layout.align()) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises
        unsafe { self.lock().calloc(layout.size(), layout.align()) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises
        unsafe { self.lock().free(block, layout.size(), layout.align()) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as the caller promises
        unsafe { self.lock().realloc(block, layout.size(), layout.align(), size) }
    }
}
