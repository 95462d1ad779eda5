use super::byte::{self, BARGED, OFFERED};
use super::scenarios::task::Task;
use super::{AtomicByte, RawEvent};
use crate::EventState;
use crate::fairness::tests::on_a_new_thread;
use crate::sync::testing::step_until;

/// Contract 106.
#[test]
fn debug_tells_the_state() {
    assert_eq!(format!("{:?}", RawEvent::new(EventState::Set)), "RawEvent(Set)");
    assert_eq!(format!("{:?}", RawEvent::new(EventState::Unset)), "RawEvent(Unset)");
}

/// Also if each of its sets is followed by one of an event beside whose called waiter no other is queued.
#[test]
fn a_called_waiter_that_does_not_come_does_not_hold_up_the_next_one_for_ever() {
    on_a_new_thread(|| {
        let [event, other] = [(); 2].map(|()| RawEvent { state: AtomicByte::new(BARGED) });
        let next = Task::queued(event.wait_async_auto());
        let set_both = || {
            for event in [&event, &other] {
                event.set_auto();
                _ = event.state.try_acquire(OFFERED, byte::barge);
            }
        };
        step_until(|| next.woken() > 0, set_both);
    });
}
