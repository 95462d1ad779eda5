//! The bits of an event's byte, and the public name of what they mean.

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

/// The byte after a set that finds nobody parked.
pub(crate) const fn after_set(state: u8) -> u8 {
    state | SET
}

/// The byte after a set that releases everybody who is parked.
pub(crate) const fn after_release_of_all(state: u8) -> u8 {
    (state | SET) & !PARKED
}

/// The byte after a wait looked at it for the last time before it sleeps: a set event is taken by
/// clearing `consumed`, an unset one notes that somebody is parked.
pub(crate) const fn after_last_look(state: u8, consumed: u8) -> u8 {
    if state & SET != 0 { state & !consumed } else { state | PARKED }
}
