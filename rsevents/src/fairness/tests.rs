//! What threads and waiters note for the rules of fairness.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::thread;
use std::time::{Duration, Instant};

use super::{
    LONG_ENOUGH, Overtaken, SETS, SETS_PER_CHECK, asleep, check_hand_off, handed_off, is_check_due,
    offered_anew,
};
use crate::sync::testing::step_until;
use crate::{AutoResetEvent, Awaitable};

/// Since when this thread has handed off no set.
pub(crate) fn since() -> Option<Instant> {
    SETS.with(|sets| sets.get().since)
}

/// How many sets this thread has counted.
pub(crate) fn count() -> u32 {
    SETS.with(|sets| sets.get().count)
}

/// What a thread knows of its sets stays until it ends.
pub(crate) fn on_a_new_thread(test: impl FnOnce() + Send + 'static) {
    thread::spawn(test).join().unwrap();
}

/// As many sets as it takes until this thread reads the clock.
fn set_often() {
    (0..SETS_PER_CHECK).for_each(|_| offered_anew());
    assert!(is_check_due());
    check_hand_off();
}

/// Whether a waiter that was overtaken since then yields, if it is so again.
fn may_yield(since: Option<Instant>, deadline: Option<Instant>) -> bool {
    let is_asked = Cell::new(false);
    Overtaken { since, ..Overtaken::NEVER }.yield_if_again(deadline, || {
        is_asked.set(true);
        true
    });
    is_asked.get()
}

#[test]
fn a_waiter_may_yield_from_its_second_call_until_a_hand_off_is_due() {
    const HOUR: Duration = Duration::from_secs(3600);
    let now = Instant::now();
    assert!(!may_yield(None, None), "the first call");
    // As if it were just now, however long this thread is preempted.
    let recently = Some(now + HOUR);
    assert!(may_yield(recently, None));
    assert!(may_yield(recently, Some(now + HOUR)));
    assert!(!may_yield(recently, Some(now)));
    thread::sleep(LONG_ENOUGH);
    assert!(!may_yield(Some(now), None));
}

#[test]
fn a_thread_notes_since_when_it_sets() {
    on_a_new_thread(|| {
        assert_eq!(asleep(since), None, "no clock is read for it");
        let before = Instant::now();
        set_often();
        assert!(since().unwrap() >= before);
    });
}

/// If a thread sets several objects in turn, it checks at each of them before long, whether its checks hand off or not.
#[test]
fn each_of_several_objects_in_turn_is_checked() {
    const ROUNDS: usize = 2000;
    for objects in 1..20 {
        for hands_off in [false, true] {
            on_a_new_thread(move || {
                let mut unchecked: BTreeSet<_> = (0..objects).collect();
                for place in (0..objects).cycle().take(ROUNDS * objects) {
                    let checks = is_check_due();
                    if checks {
                        check_hand_off();
                        unchecked.remove(&place);
                        if unchecked.is_empty() {
                            return;
                        }
                    }
                    if checks && hands_off {
                        handed_off();
                    } else {
                        offered_anew();
                    }
                }
                panic!("of {objects} objects these are never checked: {unchecked:?}");
            });
        }
    }
}

#[test]
fn time_asleep_does_not_count() {
    const SLEEP: Duration = Duration::from_millis(5);
    on_a_new_thread(|| {
        set_often();
        let before = since().unwrap();
        thread::sleep(SLEEP); // not in a wait
        assert_eq!(since(), Some(before));
        asleep(|| thread::sleep(SLEEP));
        assert!(since().unwrap() - before >= SLEEP);
    });
}

#[test]
fn a_wait_notes_its_sleep() {
    const LIMIT: Duration = Duration::from_millis(5);
    on_a_new_thread(|| {
        set_often();
        let (before, event) = (since(), AutoResetEvent::default());
        // One that is preempted until its deadline does not sleep at all.
        step_until(|| since() != before, || assert!(!event.wait_for(LIMIT)));
    });
}
