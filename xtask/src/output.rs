//! Reading what a child process prints: every line is looked at, the last ones are kept.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::Result;

use crate::process;

/// How many lines to keep for the report of a failure.
const KEPT: usize = 200;

/// How a process ended, and what it printed until then.
pub(crate) struct Output {
    /// `None` if it was killed because its time was up.
    pub(crate) status: Option<ExitStatus>,
    pub(crate) stdout: Tail,
    pub(crate) stderr: Tail,
}

/// Runs `command` to its end or for `limit`, reading all that it prints meanwhile. Calls `see`
/// with each line of its stdout.
pub(crate) fn supervise(
    mut command: Command,
    limit: Duration,
    see: impl FnMut(&str) + Send,
) -> Result<Output> {
    command.stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let stdout = child.stdout.take().expect("stdout is piped");
    let stderr = child.stderr.take().expect("stderr is piped");

    let (status, stdout, stderr) = thread::scope(|scope| {
        let stdout = scope.spawn(|| read(stdout, see));
        let stderr = scope.spawn(|| read(stderr, |_| {}));
        let status = process::wait(&mut child, limit);
        (status, stdout.join().unwrap(), stderr.join().unwrap())
    });
    Ok(Output { status: status?, stdout: stdout?, stderr: stderr? })
}

impl Output {
    /// Prints what was kept.
    pub(crate) fn print(&self) {
        self.stdout.print("stdout");
        self.stderr.print("stderr");
    }
}

/// Reads `pipe` to its end and returns the last lines. Calls `see` with each.
fn read(pipe: impl Read, mut see: impl FnMut(&str)) -> io::Result<Tail> {
    let mut pipe = BufReader::with_capacity(1 << 16, pipe);
    let mut tail = Tail::default();
    let mut line = Vec::new();
    // Not `lines`: a model may print millions, and one that is no UTF-8 is a line all the same.
    while pipe.read_until(b'\n', &mut line)? > 0 {
        let text = String::from_utf8_lossy(line.trim_ascii_end());
        see(&text);
        tail.push(&text);
        line.clear();
    }
    Ok(tail)
}

/// The last lines of an output.
#[derive(Default)]
pub(crate) struct Tail(VecDeque<String>);

impl Tail {
    /// Keeps `line` until enough others have come after it.
    fn push(&mut self, line: &str) {
        let oldest = (self.0.len() == KEPT).then(|| self.0.pop_front()).flatten();
        // Its memory serves again.
        let mut kept = oldest.unwrap_or_default();
        kept.clear();
        kept.push_str(line);
        self.0.push_back(kept);
    }

    pub(crate) fn print(&self, name: &str) {
        println!("--- end of its {name}:");
        for line in self.lines() {
            println!("{line}");
        }
    }

    /// The lines that were kept, oldest first.
    fn lines(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(output: &[u8]) -> Vec<String> {
        let tail = read(output, |_| {}).unwrap();
        tail.lines().map(str::to_owned).collect()
    }

    #[test]
    fn every_line_is_seen_and_the_last_are_kept() {
        let count = KEPT + 5;
        let output: String = (0..count).map(|number| format!("{number}\n")).collect();
        let mut seen = 0;
        let tail = read(output.as_bytes(), |line| {
            assert_eq!(line, seen.to_string());
            seen += 1;
        })
        .unwrap();
        assert_eq!(seen, count);
        assert!(tail.lines().eq((5..count).map(|number| number.to_string())));
    }

    #[test]
    fn line_ends_differ() {
        assert_eq!(kept(b"one\r\ntwo\n\nthree"), ["one", "two", "", "three"]);
    }

    #[test]
    fn bytes_that_are_no_text_do_not_end_the_reading() {
        assert_eq!(kept(b"one\n\xff\ntwo\n"), ["one", "\u{fffd}", "two"]);
    }
}
