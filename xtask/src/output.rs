//! Reading what a child process prints: every line is looked at, the last ones are kept.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::process::Family;

/// How many lines to keep for the report of a failure.
const KEPT: usize = 200;

/// How many lines may wait to be looked at: a model prints millions.
const QUEUED: usize = 1024;

/// How long to wait for the last lines of those who have been killed.
const GRACE: Duration = Duration::from_secs(1);

/// How a process ended, and what it printed until then.
pub(crate) struct Output {
    /// `None` if it was killed because its time was up.
    pub(crate) status: Option<ExitStatus>,
    pub(crate) stdout: Tail,
    pub(crate) stderr: Tail,
}

/// A line, or why there are no more.
type Line = io::Result<(Stream, String)>;

#[derive(Clone, Copy)]
enum Stream {
    Stdout,
    Stderr,
}

/// Runs `command` to its end or for `limit`, reading all that it prints meanwhile. Calls `see`
/// with each line of its stdout. The end is that of whoever can still print.
pub(crate) fn supervise(
    mut command: Command,
    limit: Duration,
    mut see: impl FnMut(&str),
) -> Result<Output> {
    command.stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let start = Instant::now();
    let mut family = Family::start(&mut command)?;
    let lines = lines(&mut family.child);

    let mut output = Output { status: None, stdout: Tail::default(), stderr: Tail::default() };
    if output.take(&lines, limit, &mut see)? {
        output.status = family.wait(limit.saturating_sub(start.elapsed()))?;
    } else {
        family.kill()?;
        // What was already printed. Somebody who has left the family may keep a pipe open for ever.
        output.take(&lines, GRACE, &mut see)?;
    }
    Ok(output)
}

/// What the child prints, until its pipes are closed. The threads that read are left to themselves: nothing
/// ends a read of a pipe that stays open.
fn lines(child: &mut Child) -> Receiver<Line> {
    let (sender, lines) = sync_channel(QUEUED);
    let stdout = child.stdout.take().expect("stdout is piped");
    let stderr = child.stderr.take().expect("stderr is piped");
    forward(stdout, Stream::Stdout, sender.clone());
    forward(stderr, Stream::Stderr, sender);
    lines
}

fn forward(pipe: impl Read + Send + 'static, stream: Stream, sender: SyncSender<Line>) {
    thread::spawn(move || {
        let result = read(pipe, |line| sender.send(Ok((stream, line.to_owned()))).is_ok());
        if let Err(error) = result {
            // Nobody may be left to hear it.
            let _ = sender.send(Err(error));
        }
    });
}

impl Output {
    /// Takes the lines of so much time. Returns whether they have come to their end.
    fn take(
        &mut self,
        lines: &Receiver<Line>,
        limit: Duration,
        see: &mut impl FnMut(&str),
    ) -> Result<bool> {
        let start = Instant::now();
        while let Some(left) = limit.checked_sub(start.elapsed()) {
            match lines.recv_timeout(left) {
                Ok(line) => match line? {
                    (Stream::Stdout, line) => {
                        see(&line);
                        self.stdout.push(line);
                    }
                    (Stream::Stderr, line) => self.stderr.push(line),
                },
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return Ok(true),
            }
        }
        Ok(false)
    }

    /// Prints what was kept.
    pub(crate) fn print(&self) {
        self.stdout.print("stdout");
        self.stderr.print("stderr");
    }
}

/// Calls `see` with each line of `pipe` to its end, or until that is enough for it.
fn read(pipe: impl Read, mut see: impl FnMut(&str) -> bool) -> io::Result<()> {
    let mut pipe = BufReader::with_capacity(1 << 16, pipe);
    let mut line = Vec::new();
    // Not `lines`: one that is no UTF-8 is a line all the same.
    while pipe.read_until(b'\n', &mut line)? > 0 {
        if !see(&String::from_utf8_lossy(line.trim_ascii_end())) {
            break;
        }
        line.clear();
    }
    Ok(())
}

/// The last lines of an output.
#[derive(Default)]
pub(crate) struct Tail(VecDeque<String>);

impl Tail {
    /// Keeps `line` until enough others have come after it.
    fn push(&mut self, line: String) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back(line);
    }

    pub(crate) fn print(&self, name: &str) {
        println!("--- end of its {name}:");
        for line in self.lines() {
            println!("{line}");
        }
    }

    /// The lines that were kept, oldest first.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(output: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        let keep = |line: &str| {
            lines.push(line.to_owned());
            true
        };
        read(output, keep).unwrap();
        lines
    }

    #[test]
    fn the_last_lines_are_kept() {
        let mut tail = Tail::default();
        (0..KEPT + 5).for_each(|number| tail.push(number.to_string()));
        assert!(tail.lines().eq((5..KEPT + 5).map(|number| number.to_string())));
    }

    #[test]
    fn line_ends_differ() {
        assert_eq!(lines(b"one\r\ntwo\n\nthree"), ["one", "two", "", "three"]);
    }

    #[test]
    fn bytes_that_are_no_text_do_not_end_the_reading() {
        assert_eq!(lines(b"one\n\xff\ntwo\n"), ["one", "\u{fffd}", "two"]);
    }

    #[cfg(unix)]
    fn shell(script: &str, limit: Duration) -> (Output, Vec<String>) {
        let mut shell = Command::new("sh");
        shell.args(["-c", script]);
        let mut seen = Vec::new();
        let output = supervise(shell, limit, |line| seen.push(line.to_owned())).unwrap();
        (output, seen)
    }

    #[test]
    #[cfg(unix)]
    fn every_line_of_stdout_is_seen() {
        let script = "for i in 1 2 3; do echo $i; echo not $i >&2; done";
        let (output, seen) = shell(script, Duration::from_secs(60));
        assert!(output.status.unwrap().success());
        assert_eq!(seen, ["1", "2", "3"]);
        assert!(output.stdout.lines().eq(["1", "2", "3"]));
        assert!(output.stderr.lines().eq(["not 1", "not 2", "not 3"]));
    }

    #[test]
    #[cfg(unix)]
    fn those_who_keep_a_pipe_open_do_not_keep_us() {
        let start = Instant::now();
        // A child that waits for another, and one that leaves it behind.
        for script in ["echo said; sleep 120 & wait", "echo said; sleep 120 &"] {
            let (output, seen) = shell(script, Duration::from_secs(1));
            assert!(output.status.is_none(), "{script}");
            assert_eq!(seen, ["said"]);
        }
        assert!(start.elapsed() < Duration::from_secs(60));
    }

    #[test]
    #[cfg(unix)]
    fn output_without_an_end_is_no_way_to_live_on() {
        let (output, seen) = shell("while :; do echo more; done", Duration::from_millis(100));
        assert!(output.status.is_none());
        assert!(!seen.is_empty());
    }
}
