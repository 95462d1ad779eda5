//! A compiler that has the source of the standard library, so that this can be built as well: with a
//! sanitizer, or for a target for which rustup has installed none.

use anyhow::{Context, Result};
use cargo_metadata::camino::{Utf8Path, Utf8PathBuf};
use cargo_metadata::semver::Version;
use xshell::{Cmd, Shell, cmd};

use crate::workspace::Workspace;

/// How to get one.
pub(crate) const HOW_TO_GET: &str = "a compiler with the standard library's source: \
    rustup toolchain install nightly --component rust-src, \
    or on Debian: apt-get install --no-install-recommends rustc-web rust-web-src";

/// Debian's packages that are one.
pub(crate) const PACKAGES: [&str; 2] = ["rustc-web", "rust-web-src"];

/// Where Debian has its compiler. Not simply `rustc`, which may be that of rustup.
const DEBIAN: &str = "/usr/bin/rustc";

/// A compiler that can build the standard library.
pub(crate) struct Compiler {
    kind: Kind,
    /// What it says of itself.
    pub(crate) version: String,
    pub(crate) sysroot: Utf8PathBuf,
}

/// Where it comes from.
#[derive(Clone, Copy)]
enum Kind {
    Nightly,
    /// Stable by its name, driven by rustup's cargo.
    Debian,
}

impl Compiler {
    /// The first that is there, has the source and is new enough for the dependencies in the lock file.
    /// The published crates need less, so ask another.
    pub(crate) fn find(workspace: &Workspace) -> Result<Option<Self>> {
        let required = workspace.package("xtask")?.rust_version.as_ref();
        let required = required.context("xtask declares no rust-version")?;
        let kinds = [Kind::Nightly, Kind::Debian].into_iter();
        let mut compilers = kinds.filter_map(|kind| Self::ask(&workspace.shell, kind));
        Ok(compilers.find(|compiler| {
            has_source(&compiler.sysroot) && is_recent(&compiler.version, required)
        }))
    }

    /// The compiler of this kind, if it answers.
    fn ask(shell: &Shell, kind: Kind) -> Option<Self> {
        let version = quiet(kind.rustc(shell).arg("--version"))?;
        let sysroot = sysroot(kind.rustc(shell))?;
        Some(Self { kind, version, sysroot })
    }

    /// Whether it is rustup's, which brings its own linker for every target.
    pub(crate) fn is_nightly(&self) -> bool {
        matches!(self.kind, Kind::Nightly)
    }

    /// Cargo, which will use this compiler and build the standard library after `-Zbuild-std`.
    pub(crate) fn cargo<'a>(&self, shell: &'a Shell) -> Cmd<'a> {
        match self.kind {
            Kind::Nightly => cmd!(shell, "rustup run nightly cargo"),
            Kind::Debian => cmd!(shell, "cargo")
                .env("RUSTC", DEBIAN)
                .env("RUSTDOC", Utf8Path::new(DEBIAN).with_file_name("rustdoc"))
                .env("RUSTC_BOOTSTRAP", "1"),
        }
    }
}

impl Kind {
    fn rustc(self, shell: &Shell) -> Cmd<'_> {
        match self {
            Self::Nightly => cmd!(shell, "rustup run nightly rustc"),
            Self::Debian => cmd!(shell, "{DEBIAN}"),
        }
    }
}

/// The directory of everything that belongs to `rustc`.
pub(crate) fn sysroot(rustc: Cmd<'_>) -> Option<Utf8PathBuf> {
    quiet(rustc.args(["--print", "sysroot"])).map(Utf8PathBuf::from)
}

fn has_source(sysroot: &Utf8Path) -> bool {
    sysroot.join("lib/rustlib/src/rust/library/std/Cargo.toml").exists()
}

/// Whether `rustc 1.97.0-nightly (…)` is at least the version that is required.
fn is_recent(rustc: &str, required: &Version) -> bool {
    let version = rustc.split_whitespace().nth(1).and_then(|version| version.parse().ok());
    version.is_some_and(|Version { major, minor, patch, .. }| {
        Version::new(major, minor, patch) >= *required
    })
}

/// What the command prints, or nothing if it fails.
fn quiet(command: Cmd<'_>) -> Option<String> {
    command.quiet().ignore_stderr().read().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prereleases_are_as_recent_as_their_release() {
        let required = Version::new(1, 95, 0);
        for recent in ["rustc 1.95.0", "rustc 1.95.0-nightly (0123abc 2026-01-01)", "rustc 1.96.2"]
        {
            assert!(is_recent(recent, &required), "{recent}");
        }
        for old in ["rustc 1.94.9 (0123abc 2026-01-01)", "rustc", "", "rustc new"] {
            assert!(!is_recent(old, &required), "{old}");
        }
    }
}
