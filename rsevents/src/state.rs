//! Whether an event is set, as users see it.

/// Whether an event is set.
///
/// ```
/// use rsevents::{EventState, ManualResetEvent};
///
/// assert!(ManualResetEvent::new(EventState::Set).is_set());
/// assert_eq!(EventState::from(false), EventState::Unset);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum EventState {
    /// Signalled: a wait succeeds without blocking.
    Set,
    /// Not signalled: a wait blocks.
    Unset,
}

/// `true` is [`Set`](EventState::Set).
impl From<bool> for EventState {
    fn from(is_set: bool) -> Self {
        if is_set { Self::Set } else { Self::Unset }
    }
}
