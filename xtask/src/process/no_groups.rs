//! No groups: a child is ended alone, and the console interrupts it by itself.

use std::io;
use std::process::{Child, Command};

use anyhow::Result;

pub(crate) fn end_all_on_interrupt() -> Result<()> {
    Ok(())
}

pub(super) fn start(command: &mut Command) -> io::Result<Child> {
    command.spawn()
}

pub(super) fn kill(_: &Child) {}

pub(super) fn forget(_: &Child) {}
