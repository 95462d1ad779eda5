//! How far a wait for several objects has come, as its owner knows.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Not begun.
    New,
    /// Members may be linked, or one has let the wait pass.
    Begun,
    /// The wait has returned.
    Ended,
}

impl Progress {
    /// As a future shows it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Begun => "queued",
            Self::Ended => "completed",
        }
    }
}
