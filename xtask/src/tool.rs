//! Programs that a check needs and Rust does not bring.

use xshell::{Shell, cmd};

/// Whether there is a `cargo NAME`.
pub(crate) fn has_cargo(shell: &Shell, name: &str) -> bool {
    let version = cmd!(shell, "cargo {name} --version");
    version.quiet().ignore_stdout().ignore_stderr().run().is_ok()
}
