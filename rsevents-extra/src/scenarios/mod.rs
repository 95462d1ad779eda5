//! The races, for loom and for real threads: see the core's `raw/scenarios`.

mod on_countdown;
mod on_semaphore;
mod shared;
mod task;

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
    three_ticks_against_wait(3): explore_up_to(4, 25_000);
    two_ticks_against_timeout(2): explore_up_to(4, 10_000);
    zero_publishes_to_a_check(2): explore_all(91);
    last_tick_against_reset(1): explore_all(4);
    last_tick_against_increment(1): explore_all(4);
    last_tick_and_increment_against_wait(1): explore_all(35_000);
    straggling_tick_against_the_next_round(1): explore_all(250);
    straggling_tick_against_the_next_zero(1): explore_up_to(3, 10_000);
    straggling_tick_does_not_strand_a_sleeper(1): explore_up_to(3, 7_100);
    rounds_before_two_waits(1): explore_up_to(4, 13_000);
    surplus_ticks_against_increment(0): explore_all(28_000);
    decrement_by_against_wait(3): explore_all(36_000);
    reset_to_zero_against_wait(2): explore_all(160);
    tick_publishes_to_a_reset(2): explore_all(3);
    ticket_at_zero_against_wait(0): explore_all(330);
    increments_at_zero_against_timeout(0): explore_up_to(4, 190);
    two_ticks_against_a_task(2): explore_up_to(4, 830);
    straggling_tick_against_tasks_of_two_rounds(1): explore_all(4);
}

models! { semaphore = crate::Semaphore::new, on_semaphore:
    release_against_wait(0, 1): explore_all(130);
    release_against_timeout(0, 1): explore_all(2_000);
    two_releases_against_two_waits(0, 2): explore_up_to(3, 44_000);
    two_releases_against_wait_and_timeout(0, 2): explore_up_to(3, 9_600);
    double_release_against_two_waits(0, 2): explore_up_to(3, 4_600);
    as_a_mutex(1, 1): explore_all(290);
    drop_against_timeout(1, 1): explore_all(600);
    two_releases_against_wait(0, 2): explore_up_to(4, 5_800);
    release_before_a_short_wait(0, 2): explore_all(65);
    release_against_two_timeouts(0, 1): explore_up_to(4, 17_000);
    wait_many_against_two_waits(2, 2): explore_up_to(4, 200_000);
    wait_many_that_gives_up_against_wait(1, 2): explore_all(470);
    forget_against_release(1, 1): explore_all(3);
    large_request_beside_a_small_one(0, 3): explore_up_to(3, 56_000);
    forget_against_a_large_request(2, 2): explore_all(5_000);
    forget_against_a_patient_large_request(2, 2): explore_all(270);
    release_against_a_task(0, 1): explore_all(90);
    release_against_drop_of_a_task(0, 1): explore_all(20);
    guard_against_drop_before_a_task(0, 1): explore_up_to(3, 1);
    release_against_drop_of_a_large_request(2, 3): explore_all(190);
}
