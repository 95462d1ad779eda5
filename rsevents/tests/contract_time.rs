//! Contract 28, 35 and 92-100: limits and deadlines, for both events.

mod support;

use support::for_both;
use support::limits::*;

for_both! {
    c35_c92_a_passed_limit_is_wait0,
    c93_never_early,
    c94_returns_soon_after,
    c95_c96_far_limits_block_until_the_set,
    c97_a_timeout_leaves_no_trace,
    c98_a_wait_that_is_woken_succeeds,
    c99_a_set_before_the_deadline_wins,
    c28_c99_a_set_before_the_deadline_of_parked_waiters_wins,
    c100_deadlines_are_monotonic_instants,
}
