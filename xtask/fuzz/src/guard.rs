//! Permits that the program holds.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use bolero::TypeGenerator;
use rsevents_extra::{OwnedSemaphoreGuard, SemaphoreGuard};
use strum::{IntoStaticStr, VariantNames};

use crate::numbers::Part;

/// What to do with a guard.
#[derive(Clone, Copy, Debug, IntoStaticStr, TypeGenerator, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum GuardCall {
    Drop,
    /// Whoever holds it panics, and it is dropped while the stack unwinds.
    Panic,
    Forget,
    /// `std::mem::forget`: the permits are held for ever.
    Leak,
    Split(Part),
    /// With this one of the others.
    Merge(u8),
    IntoOwned {
        of_another: bool,
    },
}

/// Both kinds of guards.
pub(crate) enum Guard<'a> {
    Borrowed(SemaphoreGuard<'a>),
    Owned(OwnedSemaphoreGuard),
}

impl Guard<'_> {
    pub(crate) fn permits(&self) -> u16 {
        match self {
            Self::Borrowed(guard) => guard.permits(),
            Self::Owned(guard) => guard.permits(),
        }
    }

    pub(crate) fn drop_in_a_panic(self) {
        let holder = || {
            let _guard = self;
            resume_unwind(Box::new(()));
        };
        catch_unwind(AssertUnwindSafe(holder)).unwrap_err();
    }

    pub(crate) fn forget(self) {
        match self {
            Self::Borrowed(guard) => guard.forget(),
            Self::Owned(guard) => guard.forget(),
        }
    }

    pub(crate) fn split(&mut self, permits: u16) -> Option<Self> {
        match self {
            Self::Borrowed(guard) => guard.split(permits).map(Self::Borrowed),
            Self::Owned(guard) => guard.split(permits).map(Self::Owned),
        }
    }

    /// Whether there is a `merge` for the two.
    pub(crate) fn is_of_one_type_with(&self, other: &Self) -> bool {
        matches!(
            (self, other),
            (Self::Borrowed(_), Self::Borrowed(_)) | (Self::Owned(_), Self::Owned(_))
        )
    }

    /// # Panics
    ///
    /// If they are of different semaphores.
    pub(crate) fn merge(&mut self, other: Self) {
        match (self, other) {
            (Self::Borrowed(guard), Self::Borrowed(other)) => guard.merge(other),
            (Self::Owned(guard), Self::Owned(other)) => guard.merge(other),
            _ => unreachable!("guards of different types are not merged"),
        }
    }
}
