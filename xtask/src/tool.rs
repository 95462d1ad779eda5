//! Programs that a check needs and Rust does not bring.

use std::process::{Command, Stdio};

use xshell::{Shell, cmd};

/// Whether there is a `cargo NAME`.
pub(crate) fn has_cargo(shell: &Shell, name: &str) -> bool {
    let version = cmd!(shell, "cargo {name} --version");
    version.quiet().ignore_stdout().ignore_stderr().run().is_ok()
}

/// Whether the command can be run and succeeds. It prints nothing.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
