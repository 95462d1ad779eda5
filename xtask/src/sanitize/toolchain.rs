//! What the sanitizer needs: a compiler that builds the standard library, and the sanitizer's runtime.

use std::time::Duration;

use anyhow::Result;
use cargo_metadata::camino::{Utf8Path, Utf8PathBuf};
use xshell::{Cmd, cmd};

use crate::build_std::{self, Compiler};
use crate::suites::How;
use crate::workspace::Workspace;

/// The exit code of a program in which the sanitizer found a race.
pub(super) const REPORTED: i32 = 66;

pub(super) struct Toolchain {
    compiler: Compiler,
    /// The target, which is this machine. It has to be named for the flags not to reach build scripts.
    triple: String,
    /// The flags of every build, as cargo wants them.
    flags: String,
    target_dir: Utf8PathBuf,
}

impl Toolchain {
    /// What is there. If it is not enough, says what is missing.
    pub(super) fn find(workspace: &Workspace) -> Result<Option<Self>> {
        let Some(compiler) = Compiler::find(workspace)? else {
            eprintln!("ThreadSanitizer was not run: it needs {}", build_std::HOW_TO_GET);
            return Ok(None);
        };
        let shell = &workspace.shell;
        let triple = cmd!(shell, "rustc --print host-tuple").quiet().read()?;
        // Debian's compiler comes without a runtime, and links that of the usual toolchain just as well.
        let default = build_std::sysroot(cmd!(shell, "rustc"));
        let flags = if runtime(&compiler.sysroot, &triple).is_some() {
            vec!["-Zsanitizer=thread".to_owned()]
        } else if let Some(runtime) = default.and_then(|sysroot| runtime(&sysroot, &triple)) {
            link(&runtime)
        } else {
            eprintln!(
                "ThreadSanitizer was not run: it needs its runtime for {triple}, \
                 which comes with rustup's toolchains for Linux and macOS"
            );
            return Ok(None);
        };
        let target_dir = workspace.target_dir("sanitize");
        // Flags may contain spaces, so they are not separated by these.
        Ok(Some(Self { compiler, triple, flags: flags.join("\x1f"), target_dir }))
    }

    pub(super) fn version(&self) -> &str {
        &self.compiler.version
    }

    /// Cargo for builds with the sanitizer.
    pub(super) fn cargo<'a>(&self, workspace: &'a Workspace) -> Cmd<'a> {
        self.compiler.cargo(&workspace.shell).env("CARGO_ENCODED_RUSTFLAGS", &self.flags)
    }

    /// What has to follow the subcommand.
    pub(super) fn options(&self) -> [&str; 5] {
        ["-Zbuild-std", "--target", &self.triple, "--target-dir", self.target_dir.as_str()]
    }

    /// How to run what was built. One report is the end. An access is reported only as long as it is
    /// remembered where the other one came from, so let that be as long as possible.
    pub(super) fn how(&self, limit: Duration) -> How {
        let options = format!("halt_on_error=1 history_size=7 exitcode={REPORTED}");
        How { runner: Vec::new(), environment: vec![("TSAN_OPTIONS", options)], limit }
    }
}

/// The runtime that a toolchain has for a target.
fn runtime(sysroot: &Utf8Path, triple: &str) -> Option<Utf8PathBuf> {
    let libraries = sysroot.join("lib/rustlib").join(triple).join("lib");
    let mut files = libraries.read_dir_utf8().ok()?.filter_map(Result::ok);
    let file = files.find(|file| is_runtime(file.file_name()))?;
    Some(file.into_path())
}

/// The channel is part of the name. macOS has a dynamic library, which only its own compiler can link.
fn is_runtime(file: &str) -> bool {
    file.starts_with("librustc-") && file.contains("_rt.tsan.")
}

/// The flags that link this runtime instead of one of the compiler's own. It comes before everything else
/// and entirely: it stands in for functions of the C library.
fn link(runtime: &Utf8Path) -> Vec<String> {
    let archive = format!("-Zpre-link-args=-Wl,--whole-archive,{runtime},--no-whole-archive");
    vec!["-Zsanitizer=thread".to_owned(), "-Zexternal-clangrt".to_owned(), archive]
}
