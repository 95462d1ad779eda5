//! What a spin does, and when a wait spins.

use core::ops::ControlFlow;
use std::cell::Cell;
use std::thread;
use std::time::{Duration, Instant};

use super::{
    FIRST_SKIP, LONG_SLEEP, LONGEST, LONGEST_SKIP, LONGEST_SKIP_TO_DEADLINE, PATIENCE, POLICY,
    Policy, Spun, TRIAL, USUAL, spin, spin_for,
};
use crate::{AutoResetEvent, Awaitable, ManualResetEvent};

/// Longer than any spin.
const LONG: Duration = Duration::from_secs(1);

/// An event that is never set, and a count of its polls.
#[derive(Default)]
struct Unset {
    polls: Cell<u32>,
}

impl Unset {
    fn poll(&self) -> ControlFlow<bool> {
        self.polls.set(self.polls.get() + 1);
        ControlFlow::Continue(())
    }
}

#[test]
fn a_spin_polls_repeatedly_and_is_bounded() {
    let event = Unset::default();
    let start = Instant::now();
    assert!(spin_for(TRIAL, None, Instant::now, || event.poll()).is_continue());
    assert!(start.elapsed() >= TRIAL || event.polls.get() > 1000, "it gave up early");
    assert!(event.polls.get() > 1);
}

#[test]
fn a_spin_ends_with_the_result_of_the_poll() {
    for result in [true, false] {
        let mut left = 1000;
        let on_the_last = || {
            left -= 1;
            if left == 0 { ControlFlow::Break(result) } else { ControlFlow::Continue(()) }
        };
        let spun = spin_for(LONG, None, Instant::now, on_the_last);
        assert_eq!(spun, ControlFlow::Break(result));
        assert_eq!(left, 0);
    }
}

#[test]
fn a_spin_ends_at_the_deadline() {
    let event = Unset::default();
    let passed = Some(Instant::now());
    assert!(spin_for(LONG, passed, Instant::now, || event.poll()).is_continue());
    let polls = event.polls.take();
    assert!(spin_for(LONG, passed, Instant::now, || event.poll()).is_continue());
    assert_eq!(event.polls.get(), polls, "the first read of the clock ends it");
    let far = Some(Instant::now() + 3600 * LONG);
    assert!(spin_for(TRIAL, far, Instant::now, || event.poll()).is_continue());
}

/// In a simulator, or under a library that fakes the time.
#[test]
fn a_spin_ends_though_the_clock_stands_still() {
    let event = Unset::default();
    let now = Instant::now();
    for deadline in [None, Some(now + 3600 * LONG)] {
        assert!(spin_for(LONGEST, deadline, || now, || event.poll()).is_continue());
        assert!((1000..100_000).contains(&event.polls.take()));
    }
}

#[test]
fn waits_park_at_once_after_unrewarded_spins() {
    let on_a_new_thread = || {
        let event = Unset::default();
        let wait = || spin(None, || event.poll());
        for _ in 0..PATIENCE {
            let Spun::Unrewarded(spin) = wait() else { panic!("the first waits do not spin") };
            spin.slept(true);
            assert!(event.polls.take() > 0);
        }
        for _ in 0..FIRST_SKIP {
            assert!(matches!(wait(), Spun::Park));
        }
        assert_eq!(event.polls.get(), 0);
        assert!(matches!(wait(), Spun::Unrewarded(_)));
        assert!(event.polls.get() > 0);
    };
    thread::spawn(on_a_new_thread).join().unwrap();
}

/// A loop of timed waits must not turn into a spin, however short their limits are.
#[test]
fn polling_with_short_limits_hardly_ever_spins() {
    for limit in [1, 5, 20, 50, 64, 100, 1000].map(Duration::from_micros) {
        let on_a_new_thread = move || {
            let event = Unset::default();
            let mut spins = 0;
            for _ in 0..10_000 {
                let deadline = Instant::now() + limit;
                if let Spun::Unrewarded(spin) = spin(Some(deadline), || event.poll()) {
                    spin.slept(false);
                }
                spins += u32::from(event.polls.take() > 0);
            }
            assert!(spins < 10, "{spins} of 10000 waits of {limit:?} spun");
        };
        thread::spawn(on_a_new_thread).join().unwrap();
    }
}

/// The waits of both events report that they timed out, whether in the spin or in the sleep.
#[test]
fn a_wait_that_times_out_is_unrewarded() {
    for limit in [1, 10_000, 50_000, 1_000_000].map(Duration::from_nanos) {
        let waits: [fn(Duration) -> bool; 2] = [
            |limit| AutoResetEvent::default().wait_for(limit),
            |limit| ManualResetEvent::default().wait_for(limit),
        ];
        for wait in waits {
            let on_a_new_thread = move || {
                assert!(!wait(limit));
                assert_eq!(POLICY.get(), Policy::INITIAL.after_sleep(limit, false));
            };
            thread::spawn(on_a_new_thread).join().unwrap();
        }
    }
}

/// How many waits park at once after each of the first unrewarded spins.
fn skips(slept: Duration, was_woken: bool) -> Vec<u16> {
    let mut policy = Policy { unrewarded: PATIENCE - 1, ..Policy::INITIAL };
    let mut skips = Vec::new();
    for _ in 0..20 {
        policy = policy.after_sleep(slept, was_woken);
        skips.push(policy.skip);
        for _ in 0..policy.skip {
            policy = policy.after_skip();
        }
        assert_eq!(policy.skip, 0);
    }
    skips
}

#[test]
fn unrewarded_spins_become_rare() {
    // Woken after about as long as a wake-up takes: once both threads are awake, spinning may pay.
    let slowly = skips(LONGEST + USUAL, true);
    assert_eq!(slowly[..4], [FIRST_SKIP, 2 * FIRST_SKIP, 4 * FIRST_SKIP, 8 * FIRST_SKIP]);
    assert_eq!(slowly[19], LONGEST_SKIP);
    // Woken sooner or much later, or not at all.
    for (slept, was_woken) in [(TRIAL / 2, true), (LONG_SLEEP, true), (LONGEST + USUAL, false)] {
        let quickly = skips(slept, was_woken);
        assert_eq!(quickly[..3], [FIRST_SKIP, 8 * FIRST_SKIP, 64 * FIRST_SKIP]);
        assert_eq!(quickly[19], if was_woken { LONGEST_SKIP } else { LONGEST_SKIP_TO_DEADLINE });
    }
}

#[test]
fn a_sleep_sets_the_length_of_the_next_spin() {
    assert_eq!(Policy::INITIAL.after_sleep(TRIAL / 2, true).spin, TRIAL);
    assert_eq!(Policy::INITIAL.after_sleep(TRIAL, true).spin, LONGEST);
    assert_eq!(Policy::INITIAL.after_sleep(TRIAL, false).spin, TRIAL);
    assert_eq!(Policy::INITIAL.after_sleep(LONG_SLEEP, true).spin, TRIAL);
    let long = Policy::INITIAL.after_sleep(TRIAL, true);
    assert_eq!(long.after_sleep(TRIAL, true).spin, LONGEST);
    assert_eq!(long.after_sleep(TRIAL / 2, true).spin, TRIAL);
}

#[test]
fn a_reward_resets_the_policy_but_for_a_long_spin() {
    let unrewarded = Policy::INITIAL.after_sleep(TRIAL, true).after_sleep(LONG_SLEEP, true);
    assert_eq!(unrewarded.spin, TRIAL);
    assert_eq!(unrewarded.after_reward(), Policy { spin: USUAL, ..Policy::INITIAL });
    let long = Policy::INITIAL.after_sleep(TRIAL, true);
    assert_eq!(long.after_reward(), Policy { spin: LONGEST, ..Policy::INITIAL });
}
