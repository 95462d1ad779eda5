//! The bits of an event's byte, what they mean to users, and the transitions whose outcome depends
//! on the state before.
//!
//! Each bit that is on is a reason why a wait cannot succeed at once, so an event is set if its byte
//! is zero. Then a set is one instruction, on x86 too: an atomic "and" leaves a flag there that tells
//! whether the result is zero, but it does not return the value before.

/// At least one thread is parked in the queue of this event.
pub(crate) const PARKED: u8 = 0b001;

/// There is no set to take. Has no meaning while `PARKED` is on: see the truth table in `raw`.
// Not bit 0: for that, LLVM makes a loop of compare-exchange instead of one `lock and` and its flag.
pub(crate) const UNSET: u8 = 0b010;

/// Whether an event is set.
///
/// ```
/// use rsevents::{EventState, ManualResetEvent};
///
/// assert!(ManualResetEvent::new(EventState::Set).is_set());
/// assert_eq!(EventState::from(false), EventState::Unset);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventState {
    /// Signalled: a wait succeeds without blocking.
    Set,
    /// Not signalled: a wait blocks.
    Unset,
}

impl EventState {
    /// The byte of a new event in this state.
    pub(crate) const fn bits(self) -> u8 {
        match self {
            EventState::Set => 0,
            EventState::Unset => UNSET,
        }
    }
}

/// `true` is [`Set`](EventState::Set).
impl From<bool> for EventState {
    fn from(is_set: bool) -> Self {
        if is_set { Self::Set } else { Self::Unset }
    }
}

/// Whether an event with this byte is set.
pub(crate) const fn is_set(state: u8) -> bool {
    state == 0
}

/// The last check of a wait before it parks. On a set event the wait succeeds and turns `consumes`
/// on; on an unset one it turns `PARKED` on.
pub(crate) const fn pass_or_park(state: u8, consumes: u8) -> u8 {
    if is_set(state) { consumes } else { state | PARKED }
}

/// The last thread has left the queue. The event is unset: a set that found `PARKED` on is
/// delivered under the lock.
pub(crate) const fn left_by_last(state: u8) -> u8 {
    (state & !PARKED) | UNSET
}
