//! Histories by hand: wrong ones that must be rejected, and right ones close by that must not.
//!
//! A search that accepts everything would never complain. So the program begins with these.

mod countdown;
mod event;
mod semaphore;

use std::ops::Range;

use super::history::{Answer, Call};
use super::search::{HistoryOf, Search, Spec, Violation};

/// Nanoseconds per unit of time: a number in these histories is a microsecond, which is more than clocks
/// and processors may be wrong by.
const UNIT: u64 = 1_000;

const DONE: Answer = Answer::Done;
const YES: Answer = Answer::Is(true);
const NO: Answer = Answer::Is(false);

/// What must be said of a history.
type Verdict = Option<Violation>;

const RIGHT: Verdict = None;
const WRONG: Verdict = Some(Violation::NoOrder);
const EARLY: Verdict = Some(Violation::Early);

/// A history, its name, and the verdict on it.
struct Case<S: Spec> {
    name: &'static str,
    verdict: Verdict,
    history: HistoryOf<S>,
}

/// A call: thread, from when till when, what, and the answer.
type Line<O> = (usize, Range<u64>, O, Answer);

fn case<S: Spec>(
    name: &'static str,
    verdict: Verdict,
    initial: S,
    lines: impl IntoIterator<Item = Line<S::Operation>>,
) -> Case<S> {
    let call = |(thread, time, operation, answer): Line<S::Operation>| {
        let (start, end) = (time.start * UNIT, time.end * UNIT);
        Call { thread, operation, answer, start, end }
    };
    let history = HistoryOf::<S>::new(initial, lines.into_iter().map(call).collect());
    Case { name, verdict, history }
}

/// How many histories got the verdict they should.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Judged {
    /// Wrong ones that were rejected.
    pub wrong: usize,
    /// Right ones that were accepted.
    pub right: usize,
}

/// Checks all of them.
///
/// # Errors
///
/// The name of one that got another verdict.
pub fn check() -> Result<Judged, &'static str> {
    let mut judged = Judged::default();
    judge(&event::cases(), &mut judged)?;
    judge(&countdown::cases(), &mut judged)?;
    judge(&semaphore::cases(), &mut judged)?;
    Ok(judged)
}

fn judge<S: Spec>(cases: &[Case<S>], judged: &mut Judged) -> Result<(), &'static str> {
    let mut search = Search::default();
    for case in cases {
        if search.check(&case.history) != case.verdict {
            return Err(case.name);
        }
        match case.verdict {
            Some(_) => judged.wrong += 1,
            None => judged.right += 1,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_history_gets_its_verdict() {
        let judged = check().unwrap();
        assert!(judged.wrong >= 30, "{judged:?}");
        assert!(judged.right >= 20, "{judged:?}");
    }

    #[test]
    fn another_verdict_is_told_by_name() {
        let mut cases = event::cases();
        cases[0].verdict = match cases[0].verdict {
            Some(_) => RIGHT,
            None => WRONG,
        };
        let mut judged = Judged::default();
        assert_eq!(judge(&cases, &mut judged), Err(cases[0].name));
    }
}
