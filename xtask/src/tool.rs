//! Programs that a check needs and Rust does not bring.

use xshell::{Shell, cmd};

/// Whether there is a `cargo NAME`. If not, says in one line what is not done, and how to get it.
pub(crate) fn has_cargo(shell: &Shell, name: &str, purpose: &str) -> bool {
    let version = cmd!(shell, "cargo {name} --version");
    let is_there = version.quiet().ignore_stdout().ignore_stderr().run().is_ok();
    if !is_there {
        eprintln!("{purpose} skipped: `cargo install cargo-{name} --locked` makes it possible");
    }
    is_there
}
