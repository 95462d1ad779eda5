//! How much memory is allocated.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicIsize, Ordering};

/// Counts, where it is asked to: what is measured by the clock pays for one branch.
struct Counting {
    is_on: AtomicBool,
    bytes: AtomicIsize,
}

#[global_allocator]
static ALLOCATOR: Counting = Counting { is_on: AtomicBool::new(false), bytes: AtomicIsize::new(0) };

impl Counting {
    fn add(&self, bytes: isize) {
        if self.is_on.load(Ordering::Relaxed) {
            self.bytes.fetch_add(bytes, Ordering::Relaxed);
        }
    }
}

// SAFETY: it only counts beside the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.add(layout.size() as isize);
        // SAFETY: as here.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        self.add(-(layout.size() as isize));
        // SAFETY: as here.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        self.add(layout.size() as isize);
        // SAFETY: as here.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        self.add(size as isize - layout.size() as isize);
        // SAFETY: as here.
        unsafe { System.realloc(block, layout, size) }
    }
}

/// The memory that is allocated from when it is made on. One at a time.
pub(crate) struct Allocated(());

impl Allocated {
    pub(crate) fn start() -> Self {
        ALLOCATOR.bytes.store(0, Ordering::Relaxed);
        ALLOCATOR.is_on.store(true, Ordering::Relaxed);
        Self(())
    }

    /// In bytes, without what was freed. Less was freed than allocated, or nothing is.
    pub(crate) fn bytes(&self) -> f64 {
        ALLOCATOR.bytes.load(Ordering::Relaxed).max(0) as f64
    }
}

impl Drop for Allocated {
    fn drop(&mut self) {
        ALLOCATOR.is_on.store(false, Ordering::Relaxed);
    }
}
