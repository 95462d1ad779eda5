//! Child processes that do not outlive their limit, nor xtask.

use std::collections::BTreeSet;
use std::io;
use std::process::{Child, Command, ExitStatus, exit};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;

/// How often to poll for the child's exit. std waits for a child without a limit, or not at all.
const POLL: Duration = Duration::from_millis(10);

/// The exit code of an interrupted program.
const INTERRUPTED: i32 = 130;

/// Every child leads a process group, where the platform has these. The signals of the terminal do not reach it
/// then, so an interrupted xtask kills all groups.
static LEADERS: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

/// Kills every group when xtask is interrupted, terminated or hung up on.
pub(crate) fn end_all_on_interrupt() -> Result<()> {
    Ok(ctrlc::set_handler(|| {
        // Locked until the exit, so that no child is started in between.
        let leaders = leaders();
        leaders.iter().for_each(|&leader| kill_group(leader));
        exit(INTERRUPTED);
    })?)
}

fn leaders() -> MutexGuard<'static, BTreeSet<u32>> {
    LEADERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Kills a group. One without members is no error.
#[cfg(unix)]
fn kill_group(leader: u32) {
    use rustix::process::{Pid, Signal, kill_process_group};
    if let Some(leader) = i32::try_from(leader).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(leader, Signal::KILL);
    }
}

/// Without groups, a child is killed alone, and the console interrupts it by itself.
#[cfg(not(unix))]
fn kill_group(_: u32) {}

/// A child and all that it starts, which is killed with it where the platform has process groups: cargo's
/// compilers and the tests under them do not end with cargo, and keep its pipes open.
pub(crate) struct Family {
    pub(crate) child: Child,
}

impl Family {
    /// Starts the command.
    pub(crate) fn start(command: &mut Command) -> io::Result<Self> {
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        let mut leaders = leaders();
        let child = command.spawn()?;
        leaders.insert(child.id());
        Ok(Self { child })
    }

    /// Waits until the child exits. After `limit`, kills the family and returns `None`. Either way the child
    /// has been reaped.
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

    /// Kills the family, also where the child itself has already exited.
    pub(crate) fn kill(&mut self) -> io::Result<()> {
        kill_group(self.child.id());
        self.child.kill()?;
        self.child.wait().map(drop)
    }
}

impl Drop for Family {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            // An error cannot be returned here.
            let _ = self.kill();
        }
        // The child has been reaped: its number may become that of another process.
        leaders().remove(&self.child.id());
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::Read;
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    use super::Family;

    #[test]
    fn after_the_limit_the_child_is_reaped_and_all_that_it_started_is_killed() {
        let start = Instant::now();
        let mut shell = Command::new("sh");
        shell.args(["-c", "sleep 120 & wait"]).stdout(Stdio::piped());
        let mut family = Family::start(&mut shell).unwrap();
        assert!(family.wait(Duration::from_millis(100)).unwrap().is_none());
        assert!(!family.child.try_wait().unwrap().expect("the child is reaped").success());
        // Ends when no process has the pipe open any more.
        family.child.stdout.take().unwrap().read_to_end(&mut Vec::new()).unwrap();
        assert!(start.elapsed() < Duration::from_secs(60), "a process has survived");
    }
}
