//! How far a wait for several objects has come, as its owner knows.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// Not begun.
    New,
    /// Members may be linked, or one has let the wait pass.
    Begun,
    /// The wait has returned.
    Ended,
}

impl Progress {
    /// As a future shows it. `is_released`: whether its group says so.
    pub(super) const fn name(self, is_released: bool) -> &'static str {
        match self {
            Self::New => "new",
            Self::Begun if is_released => "released",
            Self::Begun => "queued",
            Self::Ended => "completed",
        }
    }
}
