//! Every child leads a process group, by which all that it starts can be ended. It does not get the signals
//! of the terminal then, so whoever interrupts xtask has to end the groups as well.

use std::collections::BTreeSet;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, exit};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use rustix::process::{Pid, Signal, kill_process_group};

/// What a shell says of a process that was interrupted.
const INTERRUPTED: i32 = 130;

/// The leaders that nobody has forgotten.
static LEADERS: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

fn leaders() -> MutexGuard<'static, BTreeSet<u32>> {
    LEADERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lets an interrupt, a termination and a hangup end every child with xtask itself.
pub(crate) fn end_all_on_interrupt() -> Result<()> {
    Ok(ctrlc::set_handler(|| {
        // Held to the end: nobody starts another.
        let leaders = leaders();
        leaders.iter().for_each(|&leader| kill_group(leader));
        exit(INTERRUPTED);
    })?)
}

/// Starts the command as the leader of a group.
pub(super) fn start(command: &mut Command) -> io::Result<Child> {
    let mut leaders = leaders();
    let child = command.process_group(0).spawn()?;
    leaders.insert(child.id());
    Ok(child)
}

/// Ends the group of a child that has not been reaped, or whose group is known to have members.
pub(super) fn kill(child: &Child) {
    kill_group(child.id());
}

/// Its number may become another's.
pub(super) fn forget(child: &Child) {
    leaders().remove(&child.id());
}

/// A group that is no more is no error.
fn kill_group(leader: u32) {
    if let Some(leader) = i32::try_from(leader).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(leader, Signal::KILL);
    }
}
