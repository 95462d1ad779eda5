//! The races, for loom and for real threads: see the core's `raw/scenarios`.

mod on_countdown;
mod on_semaphore;
mod shared;

use self::shared::{Shared, join_all, shared, spawn_on};

/// Makes a model of each race on an object that `new` makes of the arguments: with all executions, or those
/// with a number of preemptions where it would not end within minutes. The last number is how many there
/// are, at least.
macro_rules! models {
    ($module:ident = $new:path, $races:ident:
        $($race:ident($($argument:literal),+): $explore:ident($($number:literal),+);)+) => {
        mod $module {
            $(#[test]
            fn $race() {
                crate::sync::testing::$explore($($number,)+ || {
                    super::$races::$race(&super::shared($new($($argument),+)));
                });
            })+
        }
    };
}

models! { countdown = crate::CountdownEvent::new, on_countdown:
    three_ticks_against_wait(3): explore_up_to(4, 20_000);
    two_ticks_against_timeout(2): explore_up_to(4, 23_000);
    zero_publishes_to_a_look(2): explore_all(93);
    last_tick_against_reset(1): explore_all(8);
    last_tick_against_increment(1): explore_all(8);
    last_tick_and_increment_against_wait(1): explore_all(4_000);
    straggling_tick_against_the_next_round(1): explore_all(99);
    straggling_tick_against_the_next_zero(1): explore_up_to(3, 30_000);
    straggling_tick_does_not_strand_a_sleeper(1): explore_up_to(3, 12_000);
    stale_set_against_two_waits(1): explore_up_to(4, 42_000);
    surplus_ticks_against_increment(0): explore_all(29_000);
    decrement_by_against_wait(3): explore_all(13_000);
    reset_to_zero_against_wait(2): explore_all(170);
    tick_publishes_to_a_reset(2): explore_all(6);
}

models! { semaphore = crate::Semaphore::new, on_semaphore:
    release_against_wait(0, 1): explore_all(160);
    release_against_timeout(0, 1): explore_all(12_000);
    two_releases_against_two_waits(0, 2): explore_up_to(3, 28_000);
    two_releases_against_wait_and_timeout(0, 2): explore_up_to(3, 7_800);
    double_release_against_two_waits(0, 2): explore_up_to(4, 16_000);
    as_a_mutex(1, 1): explore_all(280);
    drop_against_timeout(1, 1): explore_all(1_100);
    stuck_release_against_another(0, 2): explore_up_to(4, 6_300);
    release_before_a_short_wait(0, 2): explore_all(68);
    release_against_two_timeouts(0, 1): explore_up_to(4, 58_000);
    wait_many_against_two_waits(2, 2): explore_up_to(4, 19_000);
    wait_many_that_gives_up_against_wait(1, 2): explore_all(3_600);
    forget_against_release(1, 1): explore_all(6);
}
