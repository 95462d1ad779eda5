//! Values that are seldom many.

use core::mem::MaybeUninit;
use core::ops::Deref;
use core::{ptr, slice};

/// Up to so many need no allocation.
const INLINE: usize = 8;

/// Any number of values, which are in one place.
pub(crate) struct Few<T> {
    inline: [MaybeUninit<T>; INLINE],
    /// How many of `inline` are initialized.
    len: usize,
    /// All, if they are more.
    boxed: Box<[T]>,
}

impl<T> FromIterator<T> for Few<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut few = Self {
            inline: [const { MaybeUninit::uninit() }; INLINE],
            len: 0,
            boxed: Box::default(),
        };
        let mut values = values.into_iter();
        for value in values.by_ref().take(INLINE) {
            few.inline[few.len].write(value);
            few.len += 1;
        }
        if let Some(next) = values.next() {
            // The values are moved, and those in `few` are not dropped.
            let len = core::mem::take(&mut few.len);
            let first = few.inline[..len].iter().map(|value| {
                // SAFETY: the first `len` are initialized, and each is read once.
                unsafe { value.assume_init_read() }
            });
            few.boxed = first.chain([next]).chain(values).collect();
        }
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

impl<T> Drop for Few<T> {
    fn drop(&mut self) {
        let inline = ptr::slice_from_raw_parts_mut(self.inline.as_mut_ptr().cast::<T>(), self.len);
        // SAFETY: the first `len` are initialized, and not used from now on.
        unsafe { ptr::drop_in_place(inline) };
    }
}
