//! The setters' rule of fairness at auto-reset events; `Debug`.

use super::byte::BARGED;
use super::scenarios::all_of::all_of;
use super::scenarios::task::Task;
use super::{AtomicByte, RawEvent};
use crate::fairness::offered_anew;
use crate::fairness::tests::{count, on_a_new_thread};
use crate::sync::testing::step_until;
use crate::{AutoResetEvent, Awaitable, EventState, wait_any_async};

/// Contract 106.
#[test]
fn debug_tells_the_state() {
    assert_eq!(format!("{:?}", RawEvent::new(EventState::Set)), "RawEvent(Set)");
    assert_eq!(format!("{:?}", RawEvent::new(EventState::Unset)), "RawEvent(Unset)");
}

/// An event that has called a waiter, and where another wait was faster.
fn barged() -> AutoResetEvent {
    AutoResetEvent { event: RawEvent { state: AtomicByte::new(BARGED) } }
}

/// Also if the event is watched, and if each of its sets is followed by one of another event, which may be watched, beside
/// whose called waiter no other is queued, or which has called none. Wherever in the turn the thread checks first.
#[test]
fn a_called_waiter_that_does_not_come_does_not_hold_up_the_next_one_for_ever() {
    let check = |event: AutoResetEvent, other: AutoResetEvent, watched: [bool; 2]| {
        let unset = AutoResetEvent::default();
        let next = Task::queued(event.wait_async());
        let watch =
            |event, is_watched: bool| is_watched.then(|| Task::queued(all_of(&[&unset, event])));
        let _watches = [watch(&event, watched[0]), watch(&other, watched[1])];
        let set_both = || {
            event.set();
            event.event.barge_under_lock();
            other.set();
            other.wait();
        };
        step_until(|| next.woken() > 0, set_both);
    };
    for place in 0..4 {
        on_a_new_thread(move || {
            (0..place).for_each(|_| offered_anew());
            check(barged(), barged(), [false, false]);
            check(barged(), barged(), [false, true]);
            check(barged(), AutoResetEvent::default(), [false, true]);
            check(barged(), AutoResetEvent::default(), [true, false]);
        });
    }
}

/// It was not, when the set went for the lock: the event was watched, or a wait has barged since.
#[test]
fn a_set_that_is_offered_anew_only_under_the_lock_is_checked() {
    on_a_new_thread(|| {
        let event = barged();
        let _next = Task::queued(event.wait_async());
        (0..100).for_each(|_| offered_anew());
        event.event.deliver_under_lock();
        assert!(count() < 100);
    });
}

/// What is due is left to those of other events. Also if all that is queued is stale.
#[test]
fn a_set_that_is_not_offered_anew_beside_another_wait_does_not_check_what_is_due() {
    on_a_new_thread(|| {
        let (event, other) = (barged(), AutoResetEvent::default());
        let _ended = Task::queued(wait_any_async(&[&event, &other]));
        other.set();
        (0..100).for_each(|_| offered_anew());
        event.set();
        barged().set();
        let _next = Task::queued(other.wait_async());
        other.set();
        assert_eq!(count(), 100);
    });
}
