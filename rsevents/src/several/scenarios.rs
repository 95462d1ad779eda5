//! Races on objects that become watched, or cease to be, in the middle of a call.
//!
//! As `raw/scenarios`, on real threads and under loom.

use crate::raw::scenarios::shared::{Shared, shared, spawn_on};
use crate::sync::testing::{Arc, explore_all};
use crate::{AutoResetEvent, Awaitable, EventState, wait_all0};

type Two = Shared<(AutoResetEvent, AutoResetEvent)>;

fn two(first: EventState, second: EventState) -> Arc<Two> {
    shared((AutoResetEvent::new(first), AutoResetEvent::new(second)))
}

/// Contract 13: an event that is set all the time is taken, also while it becomes watched.
#[test]
fn attempt_against_wait0() {
    explore_all(2, || {
        let s = two(EventState::Set, EventState::Unset);
        let attempt = spawn_on(&s, |s| wait_all0(&[&s.object.0, &s.object.1]));
        assert!(s.object.0.wait0(), "it was set all the time");
        assert!(!attempt.join().unwrap());
        assert!(!s.object.0.wait0(), "taken twice");
    });
}
