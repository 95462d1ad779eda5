//! Waiting for a child process, but not forever.

use std::io;
use std::process::{Child, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

/// How often to look whether the child is done. std can wait for a child or not wait at all.
const POLL: Duration = Duration::from_millis(10);

/// Waits until `child` exits. At the end of `limit` kills it and returns `None`. Either way the
/// child has been reaped.
pub(crate) fn wait(child: &mut Child, limit: Duration) -> io::Result<Option<ExitStatus>> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if start.elapsed() >= limit {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(POLL);
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};
    use std::time::Duration;

    use super::wait;

    const LONG: Duration = Duration::from_secs(60);

    fn rustc(argument: &str) -> Command {
        let mut rustc = Command::new("rustc");
        rustc.arg(argument).stdin(Stdio::piped());
        rustc.stdout(Stdio::null()).stderr(Stdio::null());
        rustc
    }

    #[test]
    fn success_and_failure_are_told_apart() {
        let mut child = rustc("--version").spawn().unwrap();
        assert!(wait(&mut child, LONG).unwrap().unwrap().success());

        let mut child = rustc("--no-such-option").spawn().unwrap();
        assert!(!wait(&mut child, LONG).unwrap().unwrap().success());
    }

    #[test]
    fn out_of_time_is_killed_and_reaped() {
        // Reads a program from a pipe that stays open.
        let mut child = rustc("-").spawn().unwrap();
        assert!(wait(&mut child, Duration::from_millis(100)).unwrap().is_none());

        let status = child.try_wait().unwrap().expect("the child was not reaped");
        assert!(!status.success());
    }
}
