//! Contract 11-17, 27-33, 85, 86, 99 and 218-223 where threads race. `RSEVENTS_STRESS=100 cargo test --release --test
//! contract_races` multiplies the rounds, and `--nocapture` shows how many there were. `cargo xtask stress`
//! runs more scenarios, for longer.
//! The tests themselves are in `support/events.rs`.

mod support;

use support::events::*;
use support::{for_both, tests_of};

for_both! {
    c11_c27_c99_a_set_against_the_only_timeout_is_taken_or_kept,
    c16_c31_c85_c86_ping_pong_alternates_strictly_and_publishes,
}

tests_of! { only_auto = rsevents::AutoResetEvent:
    c13_c14_wait0_on_a_set_event_never_fails_under_contention,
    c15_auto_event_as_a_mutex,
    c17_each_set_is_taken_once_by_short_timeouts,
    c218_each_set_releases_one_wait_with_barging_and_without,
    c219_c221_a_waiter_whose_set_was_taken_still_waits_and_counts,
    c220_after_the_event_was_seen_unset_no_wait_barges,
    c220_after_a_task_has_found_the_event_unset_no_wait_barges,
    c220_after_a_task_has_given_up_no_wait_barges,
    c220_after_a_wait_for_several_has_checked_or_given_up_no_wait_barges,
    c219_a_wait_for_several_takes_an_offered_set,
    c220_a_wait_for_several_whose_time_runs_out_takes_nothing,
    c208_c219_a_wait_for_all_takes_an_offered_set,
    c222_a_thread_that_takes_again_at_once_does_not_starve_others,
    c223_a_barged_wait_times_out_and_consumes_nothing,
    c223_a_task_takes_an_offered_set_at_its_limit,
}

tests_of! { only_manual = rsevents::ManualResetEvent:
    c30_c32_a_wait_after_the_reset_is_not_released_by_the_set_before,
    c33_the_last_set_or_reset_decides,
}
