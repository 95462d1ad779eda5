use core::ops::ControlFlow;
use std::cell::Cell;
use std::time::{Duration, Instant};

use super::{Experience, FIRST_SKIP, FIRST_SPIN, LONGEST_SKIP, LONGEST_SPIN, spin_for};

#[test]
fn a_spin_is_bounded() {
    let looks = Cell::new(0);
    let never = || {
        looks.set(looks.get() + 1);
        ControlFlow::Continue(())
    };
    assert_eq!(spin_for(LONGEST_SPIN, None, never), ControlFlow::Continue(()));
    assert_eq!(looks.get(), u32::from(LONGEST_SPIN));
}

#[test]
fn a_spin_ends_with_what_the_look_finds() {
    for found in [true, false] {
        let mut left = 10;
        let on_tenth = || {
            left -= 1;
            if left == 0 { ControlFlow::Break(found) } else { ControlFlow::Continue(()) }
        };
        assert_eq!(spin_for(FIRST_SPIN, None, on_tenth), ControlFlow::Break(found));
        assert_eq!(left, 0);
    }
}

#[test]
fn a_spin_ends_at_the_deadline() {
    let never = || ControlFlow::Continue(());
    assert_eq!(spin_for(LONGEST_SPIN, Some(Instant::now()), never), ControlFlow::Break(false));
    let far = Instant::now() + Duration::from_secs(3600);
    assert_eq!(spin_for(LONGEST_SPIN, Some(far), never), ControlFlow::Continue(()));
}

#[test]
fn vain_spins_become_rare() {
    let mut experience = Experience::NONE;
    let mut skips = Vec::new();
    for _ in 0..20 {
        experience = experience.after_vain_spin();
        skips.push(experience.skip);
        for _ in 0..experience.skip {
            experience = experience.after_skip();
        }
        assert_eq!(experience.skip, 0);
    }
    assert_eq!(skips[..4], [FIRST_SKIP, 2 * FIRST_SKIP, 4 * FIRST_SKIP, 8 * FIRST_SKIP]);
    assert_eq!(skips[19], LONGEST_SKIP);
}

#[test]
fn a_reward_restores_confidence() {
    let mut experience = Experience::ONE_CORE;
    assert_eq!(experience.skip, LONGEST_SKIP);
    experience = experience.after_reward();
    assert_eq!((experience.skip, experience.next_skip), (0, FIRST_SKIP));
    assert_eq!(experience.spin, 2 * FIRST_SPIN);
    assert_eq!(experience.after_reward().spin, LONGEST_SPIN);
}
