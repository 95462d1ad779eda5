//! Whether what became of the mutants is as it should be.

use std::collections::BTreeMap;
use std::time::Duration;

use report::Stats;

use super::check::Outcome;
use super::{Kind, Mutant};
use crate::display::{align_right, seconds, table};
use crate::stats::Reported;

/// A mutant that was tried.
pub(super) struct Tried<'a> {
    pub(super) mutant: &'a Mutant,
    pub(super) outcome: Outcome,
    pub(super) verdict: &'static str,
    pub(super) time: Duration,
}

const KILLED: &str = "killed";
/// Survived or fell below a floor, and there is a reason why no check can detect it.
const EQUIVALENT: &str = "equivalent";
/// The compiler refuses a mutant of cargo-mutants. It does not count.
const UNBUILDABLE: &str = "unbuildable";
const SURVIVED: &str = "survived";
/// All that detects it is the floor of a model: no check tells what is wrong.
const FLOOR_ONLY: &str = "killed by a floor only";
/// Killed, although there is a reason why it cannot be.
const NOT_EQUIVALENT: &str = "killed, so not equivalent";
/// The compiler refuses a mutant of ours, which then proves nothing.
const REFUSED: &str = "refused by the compiler";

const GOOD: [&str; 3] = [KILLED, EQUIVALENT, UNBUILDABLE];
const FAULTS: [&str; 4] = [SURVIVED, FLOOR_ONLY, NOT_EQUIVALENT, REFUSED];

/// The percentage of the mutants of cargo-mutants that has to be killed, whatever the reasons for the others.
const CARGO_MUTANTS_KILLED: usize = 95;

/// Prints the report and returns what is wrong.
pub(super) fn print(mut tried: Vec<Tried<'_>>) -> Vec<String> {
    tried.sort_by_key(|tried| (tried.mutant.kind, &tried.mutant.name));
    let mut results = table(["mutant", "result", "by", "time"]);
    align_right(&mut results, [3]);
    let (mut faults, mut kinds) = (Vec::new(), BTreeMap::<_, Vec<_>>::new());
    for one in &tried {
        let (name, verdict) = (&one.mutant.name, one.verdict);
        let check = match &one.outcome {
            Outcome::Killed(check) | Outcome::BelowFloor(check) => check,
            Outcome::Survived | Outcome::Refused => "",
        };
        results.add_row([name, verdict, check, &seconds(one.time)]);
        kinds.entry(one.mutant.kind).or_default().push(verdict);
        if FAULTS.contains(&verdict) {
            faults.push(format!("{name}: {verdict}"));
        }
    }
    faults.extend(kinds.iter().filter_map(|(&kind, verdicts)| too_few(kind, verdicts)));
    let stats = kinds.iter().map(|(kind, verdicts)| {
        let count = |verdict| (verdict, count(verdicts, verdict) as u64);
        Stats::new(&format!("{kind:?}"), &GOOD.map(count), &FAULTS.map(count), [])
    });
    let stats: Reported = stats.collect();
    println!("{results}\n{}", stats.table(["Ordering", "Protocol", "CargoMutants"]));
    faults
}

fn count(verdicts: &[&str], verdict: &str) -> usize {
    verdicts.iter().filter(|other| **other == verdict).count()
}

/// Says why these mutants are not enough of a kind.
fn too_few(kind: Kind, verdicts: &[&str]) -> Option<String> {
    let tried = verdicts.len() - count(verdicts, UNBUILDABLE);
    let killed = count(verdicts, KILLED);
    let is_low = kind == Kind::CargoMutants && 100 * killed < CARGO_MUTANTS_KILLED * tried;
    (tried == 0 || is_low).then(|| format!("{kind:?}: only {killed} of {tried} killed"))
}

/// Whether that is as it should be.
pub(super) fn verdict(kind: Kind, is_equivalent: bool, outcome: &Outcome) -> &'static str {
    match (outcome, is_equivalent) {
        (Outcome::Killed(_), false) => KILLED,
        (Outcome::Killed(_), true) => NOT_EQUIVALENT,
        (Outcome::BelowFloor(_), false) => FLOOR_ONLY,
        (Outcome::Survived, false) => SURVIVED,
        // An equivalent mutant may take fewer steps, and so fall below a floor.
        (Outcome::BelowFloor(_) | Outcome::Survived, true) => EQUIVALENT,
        (Outcome::Refused, _) if kind == Kind::CargoMutants => UNBUILDABLE,
        (Outcome::Refused, _) => REFUSED,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts() {
        let killed = Outcome::Killed(String::new());
        let floor = Outcome::BelowFloor(String::new());
        for (outcome, kind, is_equivalent, expected) in [
            (&killed, Kind::Protocol, false, KILLED),
            (&killed, Kind::CargoMutants, true, NOT_EQUIVALENT),
            (&floor, Kind::Ordering, false, FLOOR_ONLY),
            (&floor, Kind::Protocol, true, EQUIVALENT),
            (&Outcome::Survived, Kind::Protocol, false, SURVIVED),
            (&Outcome::Survived, Kind::Protocol, true, EQUIVALENT),
            (&Outcome::Refused, Kind::CargoMutants, true, UNBUILDABLE),
            (&Outcome::Refused, Kind::Ordering, false, REFUSED),
            (&Outcome::Refused, Kind::Protocol, true, REFUSED),
        ] {
            assert_eq!(verdict(kind, is_equivalent, outcome), expected, "{outcome:?} {kind:?}");
        }
    }

    #[test]
    fn enough_mutants_have_to_be_killed() {
        let too_few = |kind, killed, rest: &[&'static str]| {
            too_few(kind, &[&vec![KILLED; killed], rest].concat()).is_some()
        };
        assert!(!too_few(Kind::CargoMutants, 19, &[EQUIVALENT, UNBUILDABLE]));
        assert!(too_few(Kind::CargoMutants, 18, &[EQUIVALENT]));
        assert!(too_few(Kind::CargoMutants, 0, &[UNBUILDABLE]));
        assert!(!too_few(Kind::Protocol, 0, &[EQUIVALENT]));
    }
}
