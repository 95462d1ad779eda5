//! Child processes, and waiting for them, but not forever.

#[cfg(unix)]
mod groups;
#[cfg(not(unix))]
#[path = "process/no_groups.rs"]
mod groups;

use std::io;
use std::process::{Child, Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

pub(crate) use groups::end_all_on_interrupt;

/// How often to look whether the child is done. std can wait for a child or not wait at all.
const POLL: Duration = Duration::from_millis(10);

/// A child, and all that it starts. Where it is killed so are they, as far as the platform has a word for
/// them all: cargo's compilers and the tests under them do not end with it, and keep its pipes open.
pub(crate) struct Family {
    pub(crate) child: Child,
}

impl Family {
    /// Starts the command.
    pub(crate) fn start(command: &mut Command) -> io::Result<Self> {
        Ok(Self { child: groups::start(command)? })
    }

    /// Waits until the child exits. At the end of `limit` kills the family and returns `None`. Either way
    /// the child has been reaped.
    pub(crate) fn wait(&mut self, limit: Duration) -> io::Result<Option<ExitStatus>> {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(Some(status));
            }
            if start.elapsed() >= limit {
                self.kill()?;
                return Ok(None);
            }
            thread::sleep(POLL);
        }
    }

    /// Ends the child, if it has not ended, and whoever it has left.
    pub(crate) fn kill(&mut self) -> io::Result<()> {
        groups::kill(&self.child);
        self.child.kill()?;
        self.child.wait().map(drop)
    }
}

impl Drop for Family {
    /// Nobody will ask for the child any more.
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            // There is nobody to tell that this went wrong.
            let _ = self.kill();
        }
        groups::forget(&self.child);
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};
    use std::time::Duration;

    use super::Family;

    const LONG: Duration = Duration::from_secs(60);

    fn rustc(argument: &str) -> Family {
        let mut rustc = Command::new("rustc");
        rustc.arg(argument).stdin(Stdio::piped());
        rustc.stdout(Stdio::null()).stderr(Stdio::null());
        Family::start(&mut rustc).unwrap()
    }

    #[test]
    fn success_and_failure_are_told_apart() {
        assert!(rustc("--version").wait(LONG).unwrap().unwrap().success());
        assert!(!rustc("--no-such-option").wait(LONG).unwrap().unwrap().success());
    }

    #[test]
    fn out_of_time_is_killed_and_reaped() {
        // Reads a program from a pipe that stays open.
        let mut family = rustc("-");
        assert!(family.wait(Duration::from_millis(100)).unwrap().is_none());

        let status = family.child.try_wait().unwrap().expect("the child was not reaped");
        assert!(!status.success());
    }

    #[test]
    #[cfg(unix)]
    fn what_it_started_is_killed_as_well() {
        use std::io::Read;
        use std::time::Instant;

        let start = Instant::now();
        let mut shell = Command::new("sh");
        shell.args(["-c", "sleep 120 & wait"]).stdout(Stdio::piped());
        let mut family = Family::start(&mut shell).unwrap();
        assert!(family.wait(Duration::from_millis(100)).unwrap().is_none());
        // It ends when nobody can write any more.
        family.child.stdout.take().unwrap().read_to_end(&mut Vec::new()).unwrap();
        assert!(start.elapsed() < LONG, "somebody has lived on");
    }
}
