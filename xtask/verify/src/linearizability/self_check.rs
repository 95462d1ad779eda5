//! Whether a run finds what is wrong with broken objects.

use std::sync::Arc;
use std::time::{Duration, Instant};

use fastrand::Rng;
use rsevents::{AutoResetEvent, ManualResetEvent};
use rsevents_extra::{CountdownEvent, Semaphore};

use super::Violation;
use super::campaign::{Checked, batch};
use crate::broken::{Broken, CheckThenTake, HalfLimit, NoWakeUp, PermitLost, ResetOnTimeout};
use crate::op::Object;

/// Each must be found within this time.
const LIMIT: Duration = Duration::from_secs(60);
/// How long a history may stand still whose object is wrong in another way.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long one that should stall. Each run takes that much longer.
const SHORT_PATIENCE: Duration = Duration::from_secs(1);

/// Finds what is wrong with each broken object, and returns how many there are.
///
/// # Errors
///
/// The name of one with which that was not found.
pub fn check(random: &mut Rng) -> Result<usize, &'static str> {
    type Check = fn(Violation, &mut Rng) -> bool;
    let broken: [(_, Check, _); 5] = [
        (
            "auto event, check then take",
            is_found::<Broken<AutoResetEvent, CheckThenTake>>,
            Violation::NoOrder,
        ),
        (
            "manual event, reset on timeout",
            is_found::<Broken<ManualResetEvent, ResetOnTimeout>>,
            Violation::NoOrder,
        ),
        (
            "auto event, half the limit",
            is_found::<Broken<AutoResetEvent, HalfLimit>>,
            Violation::Early,
        ),
        ("countdown, no wake-up", is_found::<Broken<CountdownEvent, NoWakeUp>>, Violation::Stall),
        (
            "semaphore, permit lost",
            is_found::<Broken<Arc<Semaphore>, PermitLost>>,
            Violation::NoOrder,
        ),
    ];
    for (name, is_found, violation) in broken {
        if !is_found(violation, random) {
            return Err(name);
        }
    }
    Ok(broken.len())
}

/// Whether this violation is found, whatever others there are.
fn is_found<O: Object>(expected: Violation, random: &mut Rng) -> bool {
    let patience = if expected == Violation::Stall { SHORT_PATIENCE } else { PATIENCE };
    let start = Instant::now();
    while start.elapsed() < LIMIT {
        let mut checked = Checked::new::<O>();
        batch::<O>(&mut checked, patience, random);
        if checked.violations.iter().any(|&(violation, _)| violation == expected) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::super::history::CONDUCTOR;
    use super::super::record::record;
    use super::*;
    use crate::broken::NoAnswerToConductor;
    use crate::op::countdown::Operation;

    #[test]
    fn broken_objects_are_found() {
        assert_eq!(check(&mut Rng::with_seed(1)), Ok(5));
    }

    #[test]
    fn a_stall_shows_the_call_that_did_not_return() {
        let mut random = Rng::with_seed(1);
        let mut checked = Checked::new::<Broken<CountdownEvent, NoWakeUp>>();
        while checked.violations.is_empty() {
            batch::<Broken<CountdownEvent, NoWakeUp>>(&mut checked, SHORT_PATIENCE, &mut random);
        }
        let (violation, text) = &checked.violations[0];
        assert_eq!(*violation, Violation::Stall);
        for part in ["did not return", "Wait(Wait) ...", "never"] {
            assert!(text.contains(part), "{text}");
        }
    }

    #[test]
    fn a_rescue_or_observer_that_does_not_return_is_a_stall() {
        let patience = Duration::from_millis(500);
        let random = &mut Rng::with_seed(1);
        let history = record::<Broken<CountdownEvent, NoAnswerToConductor>>(1, 2, patience, random)
            .unwrap_err();
        let by_conductor =
            history.calls.iter().find(|call| call.thread == CONDUCTOR && call.answer.is_none());
        assert_eq!(by_conductor.unwrap().operation, Operation::Count);
    }
}
