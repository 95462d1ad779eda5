//! Objects that are wrong, to see that the recorder and the search find it.

mod countdown;
mod event;
mod semaphore;

use std::time::{Duration, Instant};

use fastrand::Rng;

use self::countdown::Deaf;
use self::event::{Doubling, Hasty, Losing};
use self::semaphore::Greedy;
use super::campaign::batch;
use super::record::Subject;
use super::search::Violation;

/// Each must be found out within this time.
const LIMIT: Duration = Duration::from_secs(60);
/// So long a history may stand still whose object is wrong in another way.
const PATIENCE: Duration = Duration::from_secs(20);
/// So long one that should stall. Each run takes that much longer.
const SHORT_PATIENCE: Duration = Duration::from_secs(1);

/// Looks for what is wrong with each of them, and returns how many there are.
///
/// # Errors
///
/// The name of one with which that was not found.
pub fn check(random: &mut Rng) -> Result<usize, &'static str> {
    let found_out = [
        ("doubling event", is_found_out::<Doubling>(Violation::NoOrder, random)),
        ("losing event", is_found_out::<Losing>(Violation::NoOrder, random)),
        ("hasty event", is_found_out::<Hasty>(Violation::Early, random)),
        ("deaf countdown", is_found_out::<Deaf>(Violation::Stall, random)),
        ("greedy semaphore", is_found_out::<Greedy>(Violation::NoOrder, random)),
    ];
    match found_out.iter().find(|(_, is_found_out)| !is_found_out) {
        Some((name, _)) => Err(name),
        None => Ok(found_out.len()),
    }
}

/// Whether this is seen to be wrong with it, whatever else may be.
fn is_found_out<S: Subject>(wrong: Violation, random: &mut Rng) -> bool {
    let patience = if wrong == Violation::Stall { SHORT_PATIENCE } else { PATIENCE };
    let start = Instant::now();
    while start.elapsed() < LIMIT {
        let findings = batch::<S>(patience, random).findings;
        if findings.iter().any(|finding| finding.violation == wrong) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_broken_are_found_out() {
        assert_eq!(check(&mut Rng::with_seed(1)), Ok(5));
    }

    #[test]
    fn a_stall_shows_the_call_that_did_not_return() {
        let mut random = Rng::with_seed(1);
        let stalled = |_| batch::<Deaf>(SHORT_PATIENCE, &mut random).findings.pop();
        let finding = (0..100).find_map(stalled).expect("no stall was seen");
        assert_eq!(finding.violation, Violation::Stall);
        assert!(finding.text.contains("did not return"));
        assert!(finding.text.contains("Wait ..."));
        assert!(finding.text.contains("never"));
    }
}
