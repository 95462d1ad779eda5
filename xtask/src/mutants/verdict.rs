//! Whether what became of a mutant is as it should be.

use super::attempt::Fate;
use super::catalogue::Equivalent;
use super::check::FailureKind;
use super::mutant::Kind;

/// What a mutant says about the tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Killed,
    /// All that notices it is the floor of a model: no check tells what is wrong.
    BelowFloor,
    /// Survived, and it is argued why it had to. It may take fewer steps, and so fall below a floor.
    Equivalent,
    /// The compiler knows better than cargo-mutants. It does not count.
    Unbuildable,
    /// Survived, and nobody says why.
    Survived,
    /// Killed, although it is argued that nothing could notice it.
    WronglyArgued,
    /// Ours, but the compiler refuses it: that proves nothing, and can be helped.
    Refused,
}

impl Verdict {
    /// Judges the fate of a mutant of this kind.
    pub(super) fn of(fate: &Fate, kind: Kind, is_argued: bool) -> Self {
        match (fate, is_argued) {
            (Fate::Killed(failure), _) if failure.kind == FailureKind::BelowFloor => {
                if is_argued {
                    Verdict::Equivalent
                } else {
                    Verdict::BelowFloor
                }
            }
            (Fate::Killed(_), false) => Verdict::Killed,
            (Fate::Killed(_), true) => Verdict::WronglyArgued,
            (Fate::Survived, false) => Verdict::Survived,
            (Fate::Survived, true) => Verdict::Equivalent,
            (Fate::Unbuildable, _) if kind == Kind::Ordinary => Verdict::Unbuildable,
            (Fate::Unbuildable, _) => Verdict::Refused,
        }
    }

    /// What is wrong with it, for which the run fails.
    pub(super) fn complaint(self) -> Option<&'static str> {
        match self {
            Verdict::Killed | Verdict::Equivalent | Verdict::Unbuildable => None,
            Verdict::Survived => Some("survived"),
            Verdict::BelowFloor => Some("killed by a floor only"),
            Verdict::WronglyArgued => Some("the argument is wrong, it was killed"),
            Verdict::Refused => Some("does not compile"),
        }
    }
}

/// Whether `mutant` is argued to be equivalent.
pub(super) fn is_argued(equivalents: &[Equivalent], mutant: &str) -> bool {
    equivalents.iter().any(|equivalent| equivalent.mutant == mutant)
}

/// The arguments for mutants that there are no longer.
pub(super) fn stale<'a>(equivalents: &'a [Equivalent], names: &[String]) -> Vec<&'a str> {
    let all = equivalents.iter().map(|equivalent| equivalent.mutant.as_str());
    all.filter(|name| !names.iter().any(|other| other == name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutants::check::Failure;

    fn killed(kind: FailureKind) -> Fate {
        Fate::Killed(Failure { check: "auto::as_a_mutex".to_owned(), kind })
    }

    #[test]
    fn survivor_needs_an_argument() {
        assert_eq!(Verdict::of(&Fate::Survived, Kind::Protocol, false), Verdict::Survived);
        assert_eq!(Verdict::of(&Fate::Survived, Kind::Protocol, true), Verdict::Equivalent);
        assert!(Verdict::Survived.complaint().is_some());
        assert!(Verdict::Equivalent.complaint().is_none());
    }

    #[test]
    fn argument_must_be_right() {
        let killed = killed(FailureKind::OutOfTime);
        assert_eq!(Verdict::of(&killed, Kind::Ordinary, true), Verdict::WronglyArgued);
        assert!(Verdict::WronglyArgued.complaint().is_some());
        assert_eq!(Verdict::of(&killed, Kind::Ordinary, false), Verdict::Killed);
    }

    #[test]
    fn floor_alone_is_not_enough() {
        let killed = killed(FailureKind::BelowFloor);
        assert_eq!(Verdict::of(&killed, Kind::Protocol, false), Verdict::BelowFloor);
        assert!(Verdict::BelowFloor.complaint().is_some());
        assert_eq!(Verdict::of(&killed, Kind::Protocol, true), Verdict::Equivalent);
    }

    #[test]
    fn our_own_mutants_must_compile() {
        assert_eq!(Verdict::of(&Fate::Unbuildable, Kind::Protocol, false), Verdict::Refused);
        assert_eq!(Verdict::of(&Fate::Unbuildable, Kind::Ordering, false), Verdict::Refused);
        assert_eq!(Verdict::of(&Fate::Unbuildable, Kind::Ordinary, false), Verdict::Unbuildable);
    }

    #[test]
    fn arguments_belong_to_mutants() {
        let equivalent =
            |mutant: &str| Equivalent { mutant: mutant.to_owned(), why: String::new() };
        let equivalents = ["a", "b"].map(equivalent);
        assert!(is_argued(&equivalents, "a"));
        assert!(!is_argued(&equivalents, "c"));
        assert_eq!(stale(&equivalents, &["b".to_owned(), "c".to_owned()]), ["a"]);
    }
}
