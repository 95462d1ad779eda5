//! The program that runs under node, on WebAssembly with threads.

use std::process::{Command, ExitStatus};

use anyhow::{Context, Result, ensure};

use super::needs::succeeds;

/// Its package. Beside the manifest is the script that starts the threads.
pub(super) const PACKAGE: &str = "wasm-threads";
pub(super) const SCRIPT: &str = "run.mjs";

/// How to get the compiler. Debian's brings no linker for this target.
pub(super) const HOW_TO_GET: &str = "`rustup toolchain install nightly --component rust-src`";

/// What the program and its standard library are compiled and linked with. The memory is the script's, and as
/// large as it says.
const FLAGS: [&str; 6] = [
    "-Ctarget-feature=+atomics,+bulk-memory,+mutable-globals",
    "-Clink-arg=--shared-memory",
    "-Clink-arg=--import-memory",
    "-Clink-arg=--max-memory=67108864",
    "-Clink-arg=--export=__stack_pointer",
    "-Clink-arg=--export=__wasm_init_tls",
];

/// The variable that holds them for cargo.
pub(super) fn environment() -> [(&'static str, String); 1] {
    [("CARGO_ENCODED_RUSTFLAGS", FLAGS.join("\x1f"))]
}

/// Whether there is a node.
pub(super) fn is_installed() -> bool {
    succeeds(Command::new("node").arg("--version"))
}

/// Says why a run that ended with `status` has not passed. The script exits with zero only once both threads
/// have said that they are done.
pub(super) fn judge(status: Option<ExitStatus>) -> Result<()> {
    let status = status.context("ran out of time")?;
    ensure!(status.success(), "node ended with {status}");
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    #[test]
    fn only_exit_with_zero_passes() {
        let reason = |status: Option<i32>| judge(status.map(ExitStatus::from_raw)).unwrap_err();
        assert!(judge(Some(ExitStatus::from_raw(0))).is_ok());
        assert_eq!(reason(Some(1 << 8)).to_string(), "node ended with exit status: 1");
        assert_eq!(reason(None).to_string(), "ran out of time");
    }
}
