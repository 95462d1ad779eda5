use super::byte::BARGED;
use super::{AtomicByte, RawEvent};
use crate::EventState;
use crate::fairness::tests::on_a_new_thread;
use crate::fairness::{must_hand_off, offered_anew};
use crate::sync::testing::step_until;

/// Contract 106.
#[test]
fn debug_tells_the_state() {
    assert_eq!(format!("{:?}", RawEvent::new(EventState::Set)), "RawEvent(Set)");
    assert_eq!(format!("{:?}", RawEvent::new(EventState::Unset)), "RawEvent(Unset)");
}

/// Otherwise each further set of the thread would read the clock and lock the queue.
#[test]
fn a_set_that_has_to_be_handed_off_is_no_more_due_where_no_other_wait_is_there() {
    on_a_new_thread(|| {
        step_until(must_hand_off, offered_anew);
        let event = RawEvent { state: AtomicByte::new(BARGED) };
        event.set_auto();
        assert!(!must_hand_off());
    });
}
