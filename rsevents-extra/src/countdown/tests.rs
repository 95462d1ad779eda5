//! What no public function shows of a count.

use super::CountdownEvent;

/// Contract 50: not even inside. A debt that grew with each surplus tick would one day be a count.
#[test]
fn surplus_ticks_leave_no_debt() {
    let countdown = CountdownEvent::new(1);
    for _ in 0..10 {
        countdown.tick();
        assert_eq!(countdown.gate.value(), 0);
    }
}
