//! Running a child process with a limit: every line of its stdout is read, the last lines are kept.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use report::Report;

use crate::process::Family;

/// How many lines are kept for the report of a failure.
const KEPT: usize = 1000;

/// How many lines may wait to be read: a model prints millions.
const QUEUED: usize = 1024;

/// How long to wait for the last lines of a family that has been killed.
const GRACE: Duration = Duration::from_secs(1);

/// How a process ended, and the last lines that it printed.
pub(crate) struct Output {
    /// `None` if it was killed at its limit.
    pub(crate) status: Option<ExitStatus>,
    pub(crate) stdout: Tail,
    pub(crate) stderr: Tail,
}

#[derive(Clone, Copy)]
enum Stream {
    Stdout,
    Stderr,
}

type Line = (Stream, String);

/// Runs `command` until it and every process that it has left behind have closed their stdout and stderr, for
/// at most `limit`. Calls `see` with each line of stdout.
pub(crate) fn supervise(
    mut command: Command,
    limit: Duration,
    mut see: impl FnMut(&str),
) -> Result<Output> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let start = Instant::now();
    let mut family = Family::start(&mut command)?;
    let (sender, lines) = sync_channel(QUEUED);
    let stdout = family.child.stdout.take().expect("stdout is piped");
    let stderr = family.child.stderr.take().expect("stderr is piped");
    forward(stdout, Stream::Stdout, sender.clone());
    forward(stderr, Stream::Stderr, sender);

    let mut output = Output { status: None, stdout: Tail::default(), stderr: Tail::default() };
    if output.take(&lines, limit, &mut see) {
        output.status = family.wait(limit.saturating_sub(start.elapsed()))?;
    } else {
        family.kill()?;
        // What was already printed. A process that has left the group may keep a pipe open for good.
        output.take(&lines, GRACE, &mut see);
    }
    Ok(output)
}

/// Sends the lines of `pipe`, from a thread of its own. The thread is not joined: nothing ends a read of a pipe
/// that stays open.
fn forward(pipe: impl Read + Send + 'static, stream: Stream, sender: SyncSender<Line>) {
    thread::spawn(move || {
        let mut pipe = BufReader::with_capacity(1 << 16, pipe);
        let mut line = Vec::new();
        // Not `lines`, which ends at a line that is not UTF-8. An error ends the output: what is missing then has
        // not been shown.
        while pipe.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            let text = String::from_utf8_lossy(line.trim_ascii_end()).into_owned();
            if sender.send((stream, text)).is_err() {
                break;
            }
            line.clear();
        }
    });
}

impl Output {
    /// Takes lines for `limit`. Returns whether that was all of them.
    fn take(
        &mut self,
        lines: &Receiver<Line>,
        limit: Duration,
        see: &mut impl FnMut(&str),
    ) -> bool {
        let start = Instant::now();
        while let Some(left) = limit.checked_sub(start.elapsed()) {
            match lines.recv_timeout(left) {
                Ok((Stream::Stdout, line)) => {
                    see(&line);
                    self.stdout.push(line);
                }
                Ok((Stream::Stderr, line)) => self.stderr.push(line),
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return true,
            }
        }
        false
    }

    /// Prints what was kept.
    pub(crate) fn print(&self) {
        for (name, tail) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            println!("--- end of its {name}:");
            tail.print();
        }
    }
}

/// The last lines of a stream, oldest first.
#[derive(Default)]
pub(crate) struct Tail(VecDeque<String>);

impl Tail {
    fn push(&mut self, line: String) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back(line);
    }

    /// Prints them, without the reports among them, which tables show.
    pub(crate) fn print(&self) {
        for line in self.0.iter().filter(|line| Report::parse(line).is_none()) {
            println!("{line}");
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    fn shell(script: &str, limit: Duration) -> (Output, Vec<String>) {
        let mut shell = Command::new("sh");
        shell.args(["-c", script]);
        let mut seen = Vec::new();
        let output = supervise(shell, limit, |line| seen.push(line.to_owned())).unwrap();
        (output, seen)
    }

    #[test]
    fn every_line_is_read_also_what_is_not_utf_8() {
        let (output, seen) =
            shell("printf 'one\\r\\n\\n\\377\\ntwo'; echo three >&2; exit 3", LONG);
        assert_eq!(output.status.unwrap().code(), Some(3));
        assert_eq!(seen, ["one", "", "\u{fffd}", "two"]);
        assert_eq!(output.stdout.0, seen);
        assert_eq!(output.stderr.0, ["three"]);
    }

    /// A child that waits for another, one that leaves it behind with the pipe, and one that prints endlessly.
    #[test]
    fn nothing_runs_longer_than_its_limit() {
        let start = Instant::now();
        for script in
            ["echo said; sleep 120 & wait", "echo said; sleep 120 &", "while :; do echo said; done"]
        {
            let (output, seen) = shell(script, Duration::from_secs(1));
            assert!(output.status.is_none(), "{script}");
            assert_eq!(seen[0], "said");
        }
        assert!(start.elapsed() < LONG);
    }
}
