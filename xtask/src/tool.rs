//! External tools that a check needs: whether they are installed.

use xshell::{Cmd, Shell, cmd};

/// Whether there is a `cargo NAME`.
pub(crate) fn has_cargo(shell: &Shell, name: &str) -> bool {
    succeeds(cmd!(shell, "cargo {name} --version"))
}

/// Whether the command can be run and succeeds. It prints nothing.
pub(crate) fn succeeds(command: Cmd<'_>) -> bool {
    command.quiet().ignore_stdout().ignore_stderr().run().is_ok()
}
