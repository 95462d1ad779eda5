//! Whether what became of the mutants is as it should be.

use std::time::Duration;

use report::Stats;

use super::mutant::{Kind, Mutant};
use super::trial::Fate;
use crate::display::{align_right, seconds, table};
use crate::stats::Reported;

/// A mutant that was tried.
pub(super) struct Tried<'a> {
    pub(super) mutant: &'a Mutant,
    pub(super) fate: Fate,
    pub(super) time: Duration,
}

const KILLED: &str = "killed";
/// Survived or fell below a floor, and an argument says why no check can detect it.
const EQUIVALENT: &str = "equivalent";
/// The compiler refuses a mutant of cargo-mutants. It does not count.
const UNBUILDABLE: &str = "unbuildable";
const SURVIVED: &str = "survived";
/// All that detects it is the floor of a model: no check tells what is wrong.
const FLOOR_ONLY: &str = "killed by a floor only";
/// Killed, although an argument says that it cannot be.
const WRONGLY_ARGUED: &str = "killed although argued equivalent";
/// The compiler refuses a mutant of ours, which then proves nothing.
const REFUSED: &str = "refused by the compiler";

const GOOD: [&str; 3] = [KILLED, EQUIVALENT, UNBUILDABLE];
const FAULTS: [&str; 4] = [SURVIVED, FLOOR_ONLY, WRONGLY_ARGUED, REFUSED];

/// The percentage of the ordinary mutants that has to be killed, whatever is argued for the others.
const ORDINARY_KILLED: usize = 95;

/// Prints the report and returns what is wrong.
pub(super) fn print(mut tried: Vec<Tried<'_>>) -> Vec<String> {
    tried.sort_by_key(|tried| (tried.mutant.kind, &tried.mutant.name));
    let mut results = table(["mutant", "result", "by", "time"]);
    align_right(&mut results, [3]);
    for tried in &tried {
        let Tried { mutant, time, .. } = tried;
        results.add_row([&*mutant.name, tried.verdict(), tried.check(), &seconds(*time)]);
    }
    println!("{results}");

    let faulty = tried.iter().filter(|tried| FAULTS.contains(&tried.verdict()));
    let mut wrong: Vec<String> =
        faulty.map(|tried| format!("{}: {}", tried.mutant.name, tried.verdict())).collect();
    let mut sums = Vec::new();
    for kind in [Kind::Ordering, Kind::Protocol, Kind::Ordinary] {
        let of_kind = tried.iter().filter(|tried| tried.mutant.kind == kind);
        let verdicts: Vec<&str> = of_kind.map(Tried::verdict).collect();
        if !verdicts.is_empty() {
            wrong.extend(too_few(kind, &verdicts));
            let count = |verdict| (verdict, count(&verdicts, verdict) as u64);
            let (good, faults) = (GOOD.map(count), FAULTS.map(count));
            sums.push(Stats::new(&format!("{kind:?}"), &good, &faults, []));
        }
    }
    let kinds = sums.iter().map(|stats| stats.subject.as_str());
    println!("{}", sums.iter().cloned().collect::<Reported>().table(kinds));
    wrong
}

fn count(verdicts: &[&str], verdict: &str) -> usize {
    verdicts.iter().filter(|other| **other == verdict).count()
}

/// Says why these mutants are not enough of a kind.
fn too_few(kind: Kind, verdicts: &[&str]) -> Option<String> {
    let tried = verdicts.len() - count(verdicts, UNBUILDABLE);
    let killed = count(verdicts, KILLED);
    let is_low = kind == Kind::Ordinary && 100 * killed < ORDINARY_KILLED * tried;
    (tried == 0 || is_low).then(|| format!("{kind:?}: only {killed} of {tried} killed"))
}

impl Tried<'_> {
    pub(super) fn verdict(&self) -> &'static str {
        match (&self.fate, self.mutant.is_equivalent) {
            (Fate::Killed { .. }, false) => KILLED,
            (Fate::Killed { .. }, true) => WRONGLY_ARGUED,
            (Fate::BelowFloor { .. }, false) => FLOOR_ONLY,
            (Fate::Survived, false) => SURVIVED,
            // An equivalent mutant may take fewer steps, and so fall below a floor.
            (Fate::BelowFloor { .. } | Fate::Survived, true) => EQUIVALENT,
            (Fate::Unbuildable, _) if self.mutant.kind == Kind::Ordinary => UNBUILDABLE,
            (Fate::Unbuildable, _) => REFUSED,
        }
    }

    /// What has detected it.
    fn check(&self) -> &str {
        match &self.fate {
            Fate::Killed { check } | Fate::BelowFloor { check } => check,
            Fate::Survived | Fate::Unbuildable => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts() {
        let killed = Fate::Killed { check: String::new() };
        let floor = Fate::BelowFloor { check: String::new() };
        for (fate, kind, is_equivalent, verdict) in [
            (&killed, Kind::Protocol, false, KILLED),
            (&killed, Kind::Ordinary, true, WRONGLY_ARGUED),
            (&floor, Kind::Ordering, false, FLOOR_ONLY),
            (&floor, Kind::Protocol, true, EQUIVALENT),
            (&Fate::Survived, Kind::Protocol, false, SURVIVED),
            (&Fate::Survived, Kind::Protocol, true, EQUIVALENT),
            (&Fate::Unbuildable, Kind::Ordinary, true, UNBUILDABLE),
            (&Fate::Unbuildable, Kind::Ordering, false, REFUSED),
            (&Fate::Unbuildable, Kind::Protocol, true, REFUSED),
        ] {
            let mutant = Mutant::new(kind, String::new(), "rsevents/src/one.rs", String::new());
            let mutant = &Mutant { is_equivalent, ..mutant.unwrap() };
            let tried = Tried { mutant, fate: fate.clone(), time: Duration::ZERO };
            assert_eq!(tried.verdict(), verdict, "{fate:?} {kind:?} {is_equivalent}");
        }
    }

    #[test]
    fn enough_mutants_have_to_be_killed() {
        let ordinary = |killed, equivalent| {
            let verdicts =
                [vec![KILLED; killed], vec![EQUIVALENT; equivalent], vec![UNBUILDABLE; 9]];
            too_few(Kind::Ordinary, &verdicts.concat())
        };
        assert_eq!(ordinary(19, 1), None);
        assert_eq!(ordinary(18, 1).as_deref(), Some("Ordinary: only 18 of 19 killed"));
        assert!(ordinary(0, 0).is_some());
        assert_eq!(too_few(Kind::Protocol, &[EQUIVALENT]), None);
    }
}
