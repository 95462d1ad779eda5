//! Plain memory on real threads.

use std::cell::UnsafeCell;

/// Plain memory, for which only the object under test makes an order.
#[derive(Default)]
pub(crate) struct Plain(UnsafeCell<usize>);

// SAFETY: the tests access it only as the object under test allows, which is what they check.
unsafe impl Sync for Plain {}

impl Plain {
    pub(crate) fn set(&self, value: usize) {
        // SAFETY: see above.
        unsafe { *self.0.get() = value }
    }

    pub(crate) fn get(&self) -> usize {
        // SAFETY: see above.
        unsafe { *self.0.get() }
    }
}
