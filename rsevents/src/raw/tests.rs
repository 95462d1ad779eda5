use super::byte::{self, BARGED, OFFERED};
use super::scenarios::all_of::all_of;
use super::scenarios::task::Task;
use super::{AtomicByte, RawEvent};
use crate::fairness::offered_anew;
use crate::fairness::tests::{count, on_a_new_thread};
use crate::sync::testing::step_until;
use crate::{AutoResetEvent, Awaitable, EventState};

/// Contract 106.
#[test]
fn debug_tells_the_state() {
    assert_eq!(format!("{:?}", RawEvent::new(EventState::Set)), "RawEvent(Set)");
    assert_eq!(format!("{:?}", RawEvent::new(EventState::Unset)), "RawEvent(Unset)");
}

/// Also if each of its sets is followed by one of another event, which may be watched, beside whose called waiter no
/// other is queued.
#[test]
fn a_called_waiter_that_does_not_come_does_not_hold_up_the_next_one_for_ever() {
    fn barged() -> AutoResetEvent {
        AutoResetEvent { event: RawEvent { state: AtomicByte::new(BARGED) } }
    }
    on_a_new_thread(|| {
        for is_watched in [false, true] {
            let (event, other, unset) = (barged(), barged(), AutoResetEvent::default());
            let _watch = is_watched.then(|| Task::queued(all_of(&[&unset, &other])));
            let next = Task::queued(event.wait_async());
            let set_both = || {
                event.set();
                _ = event.event.state.try_acquire(OFFERED, byte::barge);
                other.set();
                other.wait();
            };
            step_until(|| next.woken() > 0, set_both);
        }
    });
}

/// What is due is left to those of other events.
#[test]
fn a_set_beside_which_no_other_wait_is_queued_does_not_check_what_is_due() {
    on_a_new_thread(|| {
        (0..100).for_each(|_| offered_anew());
        RawEvent { state: AtomicByte::new(BARGED) }.set_auto();
        assert_eq!(count(), 100);
    });
}
