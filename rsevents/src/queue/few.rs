//! A list with room for eight values, which allocates for more.

use core::mem::MaybeUninit;
use core::ops::{Deref, DerefMut};
use core::{ptr, slice};

/// The number of values that need no allocation.
const INLINE: usize = 8;

/// Any number of values, which are in one place.
pub(crate) struct Few<T> {
    inline: [MaybeUninit<T>; INLINE],
    /// How many of `inline` are initialized.
    len: usize,
    /// All, if they are more.
    boxed: Box<[T]>,
}

impl<T> Few<T> {
    #[inline]
    pub(crate) fn new() -> Self {
        Self { inline: [const { MaybeUninit::uninit() }; INLINE], len: 0, boxed: Box::default() }
    }

    /// Puts values into `self`, which is empty.
    // In place: the return value of a function is copied, with all that is not initialized.
    #[inline]
    pub(crate) fn fill(&mut self, values: impl Iterator<Item = T>) {
        let mut values = values.fuse();
        for value in values.by_ref().take(INLINE) {
            self.inline[self.len].write(value);
            self.len += 1;
        }
        if let Some(next) = values.next() {
            self.spill(next, values);
        }
    }

    #[cold]
    fn spill(&mut self, next: T, rest: impl Iterator<Item = T>) {
        // The values are moved, and those in `self` are not dropped.
        let len = core::mem::take(&mut self.len);
        let first = self.inline[..len].iter().map(|value| {
            // SAFETY: the first `len` are initialized, and each is read once.
            unsafe { value.assume_init_read() }
        });
        self.boxed = first.chain([next]).chain(rest).collect();
    }
}

impl<T> FromIterator<T> for Few<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut few = Self::new();
        few.fill(values.into_iter());
        few
    }
}

impl<T> Deref for Few<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        if self.len == 0 {
            return &self.boxed;
        }
        // SAFETY: the first `len` are initialized.
        unsafe { slice::from_raw_parts(self.inline.as_ptr().cast(), self.len) }
    }
}

impl<T> DerefMut for Few<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        if self.len == 0 {
            return &mut self.boxed;
        }
        // SAFETY: the first `len` are initialized.
        unsafe { slice::from_raw_parts_mut(self.inline.as_mut_ptr().cast(), self.len) }
    }
}

impl<T> Drop for Few<T> {
    fn drop(&mut self) {
        let inline = ptr::slice_from_raw_parts_mut(self.inline.as_mut_ptr().cast::<T>(), self.len);
        // SAFETY: the first `len` are initialized, and not used from now on.
        unsafe { ptr::drop_in_place(inline) };
    }
}
