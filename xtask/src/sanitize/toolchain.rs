//! What the sanitizer needs: a compiler that builds the standard library, and the sanitizer's runtime.

use std::time::Duration;

use anyhow::Result;
use cargo_metadata::camino::{Utf8Path, Utf8PathBuf};
use xshell::cmd;

use crate::build_std::{self, Build, Compiler};
use crate::suites::How;
use crate::workspace::Workspace;

/// The exit code of a program in which the sanitizer found a race.
pub(super) const REPORTED: i32 = 66;

/// What builds with the sanitizer. If that is not there, says what is missing.
pub(super) fn find(workspace: &Workspace) -> Result<Option<Build<'_>>> {
    let Some(compiler) = Compiler::find(workspace)? else {
        eprintln!("ThreadSanitizer was not run: it needs {}", build_std::HOW_TO_GET);
        return Ok(None);
    };
    let shell = &workspace.shell;
    // This machine. It has to be named for the flags not to reach build scripts.
    let triple = cmd!(shell, "rustc --print host-tuple").quiet().read()?;
    // Debian's compiler comes without a runtime, and links that of the usual toolchain just as well.
    let default = build_std::sysroot(cmd!(shell, "rustc"));
    let flags = if runtime(&compiler.sysroot, &triple).is_some() {
        "-Zsanitizer=thread".to_owned()
    } else if let Some(runtime) = default.and_then(|sysroot| runtime(&sysroot, &triple)) {
        // Before everything else and entirely: it stands in for functions of the C library.
        let link = format!("-Zpre-link-args=-Wl,--whole-archive,{runtime},--no-whole-archive");
        // Flags may contain spaces, so they are not separated by these.
        ["-Zsanitizer=thread", "-Zexternal-clangrt", &link].join("\x1f")
    } else {
        eprintln!(
            "ThreadSanitizer was not run: it needs its runtime for {triple}, \
             which comes with rustup's toolchains for Linux and macOS"
        );
        return Ok(None);
    };
    eprintln!("ThreadSanitizer by {}", compiler.version);
    Ok(Some(Build {
        shell,
        compiler: Some(compiler),
        triple,
        target_dir: workspace.target_dir("sanitize"),
        environment: vec![("CARGO_ENCODED_RUSTFLAGS".to_owned(), flags)],
        build_std: "-Zbuild-std",
    }))
}

/// How to run what was built. One report is the end. An access is reported only as long as it is
/// remembered where the other one came from, so let that be as long as possible.
pub(super) fn how(limit: Duration) -> How {
    let options = format!("halt_on_error=1 history_size=7 exitcode={REPORTED}");
    How { runner: Vec::new(), environment: vec![("TSAN_OPTIONS", options)], limit }
}

/// The runtime that a toolchain has for a target.
fn runtime(sysroot: &Utf8Path, triple: &str) -> Option<Utf8PathBuf> {
    let libraries = sysroot.join("lib/rustlib").join(triple).join("lib");
    let mut files = libraries.read_dir_utf8().ok()?.filter_map(Result::ok);
    // The channel is part of the name. macOS has a dynamic library, which only its own compiler can link.
    let is_runtime = |name: &str| name.starts_with("librustc-") && name.contains("_rt.tsan.");
    Some(files.find(|file| is_runtime(file.file_name()))?.into_path())
}
