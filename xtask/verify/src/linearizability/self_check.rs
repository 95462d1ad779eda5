//! Whether a run finds what is wrong with broken objects.

use std::any::type_name;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fastrand::Rng;
use rsevents::{AutoResetEvent, ManualResetEvent};
use rsevents_extra::{CountdownEvent, Semaphore};

use super::Violation;
use super::campaign::{Checked, batch};
use crate::broken::{
    Broken, CheckThenTake, ConsumesAll, DropSwallows, HalfLimit, HandsOnOne, NoWakeUp, PermitLost,
    PutsBack, ReleasesNewcomers, ResetOnTimeout, SleepsAgain, TakesOneByOne,
};
use crate::op::Object;
use crate::op::several::Several;

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
/// The type of one with which that was not found.
pub fn check(random: &mut Rng) -> Result<usize, &'static str> {
    type Check = fn(Violation, &mut Rng) -> Result<(), &'static str>;
    let broken: [(Check, _); 12] = [
        (find::<Broken<AutoResetEvent, CheckThenTake>>, Violation::NoOrder),
        (find::<Broken<ManualResetEvent, ResetOnTimeout>>, Violation::NoOrder),
        (find::<Broken<AutoResetEvent, DropSwallows>>, Violation::NoOrder),
        (find::<Broken<ManualResetEvent, ReleasesNewcomers>>, Violation::NoOrder),
        (find::<Broken<AutoResetEvent, HalfLimit>>, Violation::Early),
        (find::<Broken<CountdownEvent, NoWakeUp>>, Violation::Stall),
        (find::<Broken<Arc<Semaphore>, PermitLost>>, Violation::NoOrder),
        (find::<Broken<Several, PutsBack>>, Violation::NoOrder),
        (find::<Broken<Several, ConsumesAll>>, Violation::NoOrder),
        (find::<Broken<Several, SleepsAgain>>, Violation::Stall),
        (find::<Broken<Several, TakesOneByOne>>, Violation::NoOrder),
        (find::<Broken<Several, HandsOnOne>>, Violation::NoOrder),
    ];
    broken.iter().try_for_each(|(find, violation)| find(*violation, random))?;
    Ok(broken.len())
}

/// Finds this violation, whatever others there are.
fn find<O: Object>(expected: Violation, random: &mut Rng) -> Result<(), &'static str> {
    let patience = if expected == Violation::Stall { SHORT_PATIENCE } else { PATIENCE };
    let start = Instant::now();
    while start.elapsed() < LIMIT {
        let mut checked = Checked::new::<O>();
        batch::<O>(&mut checked, patience, random);
        if checked.violations.iter().any(|&(violation, _)| violation == expected) {
            return Ok(());
        }
    }
    Err(type_name::<O>())
}

#[cfg(test)]
mod tests {
    use super::super::history::CONDUCTOR;
    use super::super::record::record;
    use super::*;
    use crate::broken::{AllDropHandsOn, AnyDropHandsOn, DropHandsOn, NoAnswerToConductor};
    use crate::op::countdown::Operation;

    #[test]
    fn broken_objects_are_found() {
        assert_eq!(check(&mut Rng::with_seed(1)), Ok(12));
    }

    fn assert_right<O: Object>() {
        let mut checked = Checked::new::<O>();
        let mut random = Rng::with_seed(1);
        for _ in 0..20 {
            batch::<O>(&mut checked, PATIENCE, &mut random);
        }
        assert!(checked.violations.is_empty(), "{:?}", checked.violations);
    }

    #[test]
    fn a_task_that_hands_on_what_it_took_is_right() {
        assert_right::<Broken<AutoResetEvent, DropHandsOn>>();
        assert_right::<Broken<Several, AnyDropHandsOn>>();
        assert_right::<Broken<Several, AllDropHandsOn>>();
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
