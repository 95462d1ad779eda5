use std::cell::Cell;
use std::thread;
use std::time::{Duration, Instant};

use super::{Overtaken, SETS, SETS_PER_CLOCK_READ, asleep, must_hand_off, offered_anew};
use crate::{AutoResetEvent, Awaitable};

fn since() -> Option<Instant> {
    SETS.with(|sets| sets.get().since)
}

/// What a thread knows of its sets stays until it ends.
fn on_a_new_thread(test: fn()) {
    thread::spawn(test).join().unwrap();
}

/// So many sets that this thread reads the clock.
fn set_often() {
    (0..SETS_PER_CLOCK_READ).for_each(|_| offered_anew());
    must_hand_off();
}

#[test]
fn a_waiter_looks_whether_to_yield_once_it_was_overtaken() {
    let looks = Cell::new(0);
    let yields_if_late = |overtaken: &Overtaken| {
        overtaken.yield_if_again(|| {
            looks.set(looks.get() + 1);
            true
        });
    };
    let mut overtaken = Overtaken::NEVER;
    yields_if_late(&overtaken);
    assert_eq!(looks.get(), 0, "the first call");
    overtaken.once_more();
    yields_if_late(&overtaken);
    assert_eq!(looks.get(), 1);
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
fn a_wait_sleeps_so() {
    const LIMIT: Duration = Duration::from_millis(5);
    on_a_new_thread(|| {
        set_often();
        let (before, event) = (since(), AutoResetEvent::default());
        let watchdog = Instant::now() + Duration::from_secs(60);
        // One that is preempted until its deadline does not sleep at all.
        while since() == before {
            assert!(Instant::now() < watchdog, "its sleep was not noted");
            assert!(!event.wait_for(LIMIT));
        }
    });
}
