use core::ops::ControlFlow;
use std::cell::Cell;
use std::time::{Duration, Instant};

use super::{Experience, FIRST_PAUSE, FIRST_SPIN, LONGEST_PAUSE, LONGEST_SPIN, spin_for};

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
    let mut pauses = Vec::new();
    for _ in 0..20 {
        experience = experience.after_vain_spin();
        pauses.push(experience.pause);
        for _ in 0..experience.pause {
            experience = experience.after_pass();
        }
        assert_eq!(experience.pause, 0);
    }
    assert_eq!(pauses[..4], [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE, 8 * FIRST_PAUSE]);
    assert_eq!(pauses[19], LONGEST_PAUSE);
}

#[test]
fn a_reward_restores_confidence() {
    let mut experience = Experience::ONE_CORE;
    assert_eq!(experience.pause, LONGEST_PAUSE);
    experience = experience.after_reward();
    assert_eq!((experience.pause, experience.next_pause), (0, FIRST_PAUSE));
    assert_eq!(experience.spin, 2 * FIRST_SPIN);
    assert_eq!(experience.after_reward().spin, LONGEST_SPIN);
}
