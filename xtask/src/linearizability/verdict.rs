//! Whether what the program said shows that the objects are right. One that did nothing has found nothing
//! either.

use std::process::ExitStatus;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::PROGRAM;
use super::statements::{Statements, Tally};

/// A run of so long makes every kind of call hundreds of times. In a shorter one some may be missing by
/// chance.
const LONG: Duration = Duration::from_secs(10);

/// Says why a run of so long has not shown that these objects are right.
pub(super) fn judge(
    status: Option<ExitStatus>,
    statements: &Statements,
    objects: &[&str],
    time: Duration,
) -> Result<()> {
    let status = status.with_context(|| format!("`{PROGRAM}` did not come to its end"))?;
    let violations = statements.violations();
    ensure!(violations == 0, "{violations} histories are wrong");
    ensure!(status.success(), "`{PROGRAM}` failed: {status}");
    for object in objects {
        let result = statements.results.iter().find(|(name, _)| name == object);
        let (_, tally) = result.with_context(|| format!("no result for object `{object}`"))?;
        ensure_checked(object, tally, time)?;
    }
    Ok(())
}

fn ensure_checked(object: &str, tally: &Tally, time: Duration) -> Result<()> {
    ensure!(tally.operations > 0, "no history of object `{object}` was checked");
    if time >= LONG {
        let unseen = tally.kinds.iter().filter(|&(_, &count)| count == 0);
        let unseen: Vec<&str> = unseen.map(|(kind, _)| kind.as_str()).collect();
        ensure!(!tally.kinds.is_empty(), "no kinds of calls are known of object `{object}`");
        ensure!(unseen.is_empty(), "never came up with object `{object}`: {}", unseen.join(", "));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally() -> Tally {
        let kinds = [("set".to_owned(), 7), ("wait:yes".to_owned(), 3)].into();
        Tally { operations: 10, kinds, ..Tally::default() }
    }

    /// Why a run of these objects is not enough that had these results.
    fn reason(objects: &[&str], results: &[(&str, Tally)], time: Duration) -> Option<String> {
        let results = results.iter().map(|(name, tally)| ((*name).to_owned(), tally.clone()));
        let statements = Statements { results: results.collect(), text: Vec::new() };
        let verdict = judge(Some(ExitStatus::default()), &statements, objects, time);
        verdict.err().map(|reason| reason.to_string())
    }

    #[test]
    fn what_was_not_checked_has_not_passed() {
        let why = |results: &[_]| reason(&["auto", "manual"], results, LONG);
        assert_eq!(why(&[("auto", tally()), ("manual", tally())]), None);
        let missing = why(&[("auto", tally())]).unwrap();
        assert_eq!(missing, "no result for object `manual`");
        let idle = why(&[("auto", tally()), ("manual", Tally { operations: 0, ..tally() })]);
        assert_eq!(idle.unwrap(), "no history of object `manual` was checked");
        let wrong = why(&[("auto", Tally { violations: 2, ..tally() }), ("manual", tally())]);
        assert_eq!(wrong.unwrap(), "2 histories are wrong");
        let statements = Statements::default();
        assert!(judge(None, &statements, &[], LONG).is_err());
    }

    #[test]
    fn what_never_came_up_in_a_long_run_has_not_passed() {
        let mut rare = tally();
        rare.kinds.insert("wait0:no".to_owned(), 0);
        let results = [("auto", rare)];
        let long = reason(&["auto"], &results, LONG).unwrap();
        assert_eq!(long, "never came up with object `auto`: wait0:no");
        assert_eq!(reason(&["auto"], &results, LONG / 2), None);
        let unknown = [("auto", Tally { kinds: [].into(), ..tally() })];
        assert!(reason(&["auto"], &unknown, LONG).is_some());
    }
}
