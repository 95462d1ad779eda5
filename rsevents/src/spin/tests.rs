use core::ops::ControlFlow;
use std::cell::Cell;
use std::time::{Duration, Instant};

use std::thread;

use super::{
    Experience, FIRST_SKIP, LONG_SLEEP, LONGEST, LONGEST_SKIP, Spun, TRIAL, USUAL, spin, spin_for,
};

const FOREVER: Duration = Duration::from_secs(3600);

#[test]
fn a_spin_looks_many_times_and_is_bounded() {
    let looks = Cell::new(0);
    let never = || {
        looks.set(looks.get() + 1);
        ControlFlow::Continue(())
    };
    let start = Instant::now();
    assert!(spin_for(TRIAL, None, never).is_continue());
    assert!(start.elapsed() >= TRIAL, "it gave up early");
    assert!(looks.get() > 1);
}

#[test]
fn a_spin_ends_with_what_the_look_finds() {
    for found in [true, false] {
        let mut left = 1000;
        let on_the_last = || {
            left -= 1;
            if left == 0 { ControlFlow::Break(found) } else { ControlFlow::Continue(()) }
        };
        assert_eq!(spin_for(FOREVER, None, on_the_last), ControlFlow::Break(found));
        assert_eq!(left, 0);
    }
}

#[test]
fn a_spin_ends_at_the_deadline() {
    let never = || ControlFlow::Continue(());
    assert_eq!(spin_for(FOREVER, Some(Instant::now()), never), ControlFlow::Break(false));
    let far = Instant::now() + FOREVER;
    assert!(spin_for(TRIAL, Some(far), never).is_continue());
}

#[test]
fn after_a_vain_spin_some_waits_pass_without_one() {
    let on_a_new_thread = || {
        let looks = Cell::new(0);
        let never = || {
            looks.set(looks.get() + 1);
            ControlFlow::Continue(())
        };
        let Spun::InVain(first) = spin(None, never) else { panic!("the first wait does not spin") };
        first.slept();
        assert!(looks.take() > 0);
        for _ in 0..FIRST_SKIP {
            assert!(matches!(spin(None, never), Spun::Park));
        }
        assert_eq!(looks.get(), 0);
        assert!(matches!(spin(None, never), Spun::InVain(_)));
        assert!(looks.get() > 0);
    };
    thread::spawn(on_a_new_thread).join().unwrap();
}

/// How many waits pass until the next spin, for each of the first vain ones.
fn skips(slept: Duration) -> Vec<u16> {
    let mut experience = Experience::NONE;
    let mut skips = Vec::new();
    for _ in 0..20 {
        experience = experience.after_sleep(slept);
        skips.push(experience.skip);
        for _ in 0..experience.skip {
            experience = experience.after_skip();
        }
        assert_eq!(experience.skip, 0);
    }
    skips
}

#[test]
fn vain_spins_become_rare() {
    // The sleep was about as long as it takes to wake up: once both are awake, spinning may pay.
    let hopeful = skips(LONGEST + USUAL);
    assert_eq!(hopeful[..4], [FIRST_SKIP, 2 * FIRST_SKIP, 4 * FIRST_SKIP, 8 * FIRST_SKIP]);
    assert_eq!(hopeful[19], LONGEST_SKIP);
    // It was shorter than the spin, or much longer.
    for slept in [TRIAL / 2, LONG_SLEEP] {
        let hopeless = skips(slept);
        assert_eq!(hopeless[..3], [FIRST_SKIP, 8 * FIRST_SKIP, 64 * FIRST_SKIP]);
        assert_eq!(hopeless[19], LONGEST_SKIP);
    }
}

#[test]
fn a_sleep_tells_how_long_the_next_spin_should_be() {
    assert_eq!(Experience::NONE.after_sleep(TRIAL / 2).spin, TRIAL);
    assert_eq!(Experience::NONE.after_sleep(TRIAL).spin, LONGEST);
    assert_eq!(Experience::NONE.after_sleep(LONG_SLEEP).spin, TRIAL);
    let long = Experience::NONE.after_sleep(TRIAL);
    assert_eq!(long.after_sleep(TRIAL).spin, LONGEST);
    assert_eq!(long.after_sleep(TRIAL / 2).spin, TRIAL);
}

#[test]
fn a_reward_restores_confidence() {
    let disappointed = Experience::NONE.after_sleep(TRIAL).after_sleep(LONG_SLEEP);
    assert_eq!(disappointed.spin, TRIAL);
    assert_eq!(disappointed.after_reward(), Experience { spin: USUAL, ..Experience::NONE });
}

#[test]
fn a_rewarded_spin_may_be_as_long_again() {
    let hopeful = Experience::NONE.after_sleep(TRIAL);
    assert_eq!(hopeful.after_reward(), Experience { spin: LONGEST, ..Experience::NONE });
}
