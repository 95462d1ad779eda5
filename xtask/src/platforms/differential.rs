//! The program that compares our events with those of Windows, and whether what it says is enough. Success
//! of the process is not: Wine hands on only a part of a program's exit code.

use std::process::{Command, ExitStatus};

use anyhow::{Context, Result, ensure};

/// Its name, in the package `verify`.
pub(super) const NAME: &str = "differential";

/// How many programs it has to run.
const PROGRAMS: u64 = 10_000;

/// The figures in its summary, in their order.
const FIGURES: [&str; 6] =
    ["programs", "calls", "blocked", "released", "timeouts", "disagreements"];

/// Its last line:
///
/// ```text
/// differential: programs=10000 calls=98765 blocked=4321 released=4321 timeouts=9876 disagreements=0
/// ```
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Summary([u64; FIGURES.len()]);

/// Tells the program how much to do.
pub(super) fn with_arguments(mut command: Command) -> Command {
    command.args(["--programs", &PROGRAMS.to_string()]);
    command
}

impl Summary {
    /// Reads a line, if it is a summary.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let mut words = line.strip_prefix(NAME)?.strip_prefix(": ")?.split(' ');
        let mut numbers = [0; FIGURES.len()];
        for (name, number) in FIGURES.iter().zip(&mut numbers) {
            let (word, value) = words.next()?.split_once('=')?;
            *number = value.parse().ok().filter(|_| word == *name)?;
        }
        words.next().is_none().then_some(Self(numbers))
    }
}

/// Says why a run that ended with `status` has not shown that the events do the same.
pub(super) fn judge(status: Option<ExitStatus>, summaries: &[Summary]) -> Result<()> {
    let status = status.context("ran out of time")?;
    let [Summary([programs, _, blocked, released, timeouts, disagreements])] = summaries else {
        ensure!(status.success(), "failed: {status}");
        anyhow::bail!("did not say what it did");
    };
    ensure!(*disagreements == 0, "{disagreements} disagreements");
    ensure!(status.success(), "failed: {status}");
    ensure!(*programs == PROGRAMS, "ran {programs} programs, not {PROGRAMS}");
    for (figure, what) in
        [(blocked, "blocked"), (released, "was released"), (timeouts, "timed out")]
    {
        ensure!(*figure > 0, "nobody {what}");
    }
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    const LINE: &str = "differential: programs=10000 calls=98765 blocked=4321 released=4320 \
                        timeouts=9876 disagreements=0";

    fn reason(code: i32, lines: &[&str]) -> Option<String> {
        let summaries: Vec<Summary> = lines.iter().copied().filter_map(Summary::parse).collect();
        let status = ExitStatus::from_raw(code << 8);
        judge(Some(status), &summaries).err().map(|reason| reason.to_string())
    }

    #[test]
    fn summary_is_read() {
        let summary = Summary::parse(LINE);
        assert_eq!(summary, Some(Summary([10_000, 98_765, 4321, 4320, 9876, 0])));
        for other in [
            "",
            "1000 of 10000 programs after 1.2s",
            &LINE.replace("differential", "program"),
            &LINE.replace("blocked", "stalled"),
            &LINE.replace("=9876", "=many"),
            &LINE.replace(" disagreements=0", ""),
            &format!("{LINE} more=1"),
        ] {
            assert_eq!(Summary::parse(other), None, "{other}");
        }
    }

    #[test]
    fn success_alone_is_not_enough() {
        assert_eq!(reason(0, &[LINE]), None);
        assert_eq!(reason(0, &["", LINE]), None);
        let why = |lines: &[&str]| reason(0, lines).unwrap();
        assert_eq!(why(&[]), "did not say what it did");
        assert_eq!(why(&[LINE, LINE]), "did not say what it did");
        let without = |from: &str, to: &str| why(&[&LINE.replace(from, to)]);
        assert_eq!(without("=10000", "=9999"), "ran 9999 programs, not 10000");
        assert_eq!(without("=4321", "=0"), "nobody blocked");
        assert_eq!(without("=4320", "=0"), "nobody was released");
        assert_eq!(without("=9876", "=0"), "nobody timed out");
        assert_eq!(without("disagreements=0", "disagreements=1"), "1 disagreements");
    }

    #[test]
    fn failed_or_out_of_time_whatever_was_said() {
        assert_eq!(reason(1, &[LINE]).unwrap(), "failed: exit status: 1");
        assert_eq!(reason(2, &[]).unwrap(), "failed: exit status: 2");
        let summaries = [Summary::parse(LINE).unwrap()];
        assert_eq!(judge(None, &summaries).unwrap_err().to_string(), "ran out of time");
    }
}
