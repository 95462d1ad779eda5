//! The bits of an event's byte, what they mean to users, and the transitions whose outcome depends
//! on the state before.

/// The event is set: a wait may succeed without sleeping.
pub(crate) const SET: u8 = 0b001;

/// At least one thread is parked in the queue of this event.
pub(crate) const PARKED: u8 = 0b010;

// 0b100 is kept for a second queue, of tasks that wait without a thread. That is why every
// transition leaves the bits alone that it does not name.

/// Whether an event is set.
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
            EventState::Set => SET,
            EventState::Unset => 0,
        }
    }
}

/// A set where nobody is parked: `None` where somebody is.
pub(crate) const fn set_if_none_parked(state: u8) -> Option<u8> {
    if state & PARKED == 0 { Some(state | SET) } else { None }
}

/// A set that has emptied the queue.
pub(crate) const fn set_and_release_all(state: u8) -> u8 {
    (state | SET) & !PARKED
}

/// A wait that takes the event: `None` where it is not set.
pub(crate) const fn take(state: u8) -> Option<u8> {
    if state & SET != 0 { Some(state & !SET) } else { None }
}

/// The last look of a wait before it sleeps: a set event is passed by clearing `consumes`, an unset
/// one notes that somebody is parked.
pub(crate) const fn pass_or_park(state: u8, consumes: u8) -> u8 {
    if state & SET != 0 { state & !consumes } else { state | PARKED }
}
