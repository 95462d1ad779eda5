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
    /// Whether it is rustup's, which brings its own linker for every target. Otherwise it is Debian's: stable by
    /// its name, and used by rustup's cargo.
    pub(crate) is_nightly: bool,
    /// What it says of itself.
    pub(crate) version: String,
    pub(crate) sysroot: Utf8PathBuf,
}

impl Compiler {
    /// The first that is there, has the source and is new enough for the dependencies in the lock file.
    /// The published crates need less, so the package that is asked is another.
    pub(crate) fn find(workspace: &Workspace) -> Result<Option<Self>> {
        let required = workspace.package("xtask")?.rust_version.as_ref();
        let required = required.context("xtask declares no rust-version")?;
        let shell = &workspace.shell;
        let nightly = || cmd!(shell, "rustup run nightly rustc");
        let debian = || cmd!(shell, "{DEBIAN}");
        let compilers = [(true, nightly(), nightly()), (false, debian(), debian())].into_iter();
        let mut compilers = compilers.filter_map(|(is_nightly, version, root)| {
            let (version, sysroot) = (quiet(version.arg("--version"))?, sysroot(root)?);
            Some(Self { is_nightly, version, sysroot })
        });
        Ok(compilers.find(|Self { version, sysroot, .. }| {
            let source = sysroot.join("lib/rustlib/src/rust/library/std/Cargo.toml");
            source.exists() && is_recent(version, required)
        }))
    }

    /// Cargo, which will use this compiler and build the standard library after `-Zbuild-std`.
    pub(crate) fn cargo<'a>(&self, shell: &'a Shell) -> Cmd<'a> {
        if self.is_nightly {
            return cmd!(shell, "rustup run nightly cargo");
        }
        let rustdoc = Utf8Path::new(DEBIAN).with_file_name("rustdoc");
        let environment =
            [("RUSTC", DEBIAN), ("RUSTDOC", rustdoc.as_str()), ("RUSTC_BOOTSTRAP", "1")];
        cmd!(shell, "cargo").envs(environment)
    }
}

/// Builds for one target, with a standard library that is built along unless rustup has installed it.
pub(crate) struct Build<'a> {
    pub(crate) shell: &'a Shell,
    pub(crate) compiler: Option<Compiler>,
    pub(crate) triple: String,
    pub(crate) target_dir: Utf8PathBuf,
    pub(crate) environment: Vec<(String, String)>,
    /// The flag that builds the standard library.
    pub(crate) build_std: &'static str,
}

impl<'a> Build<'a> {
    /// The cargo command of these arguments.
    pub(crate) fn cargo<'s>(&self, arguments: impl IntoIterator<Item = &'s str>) -> Cmd<'a> {
        let (cargo, build_std) = match &self.compiler {
            None => (cmd!(self.shell, "cargo"), None),
            Some(compiler) => (compiler.cargo(self.shell), Some(self.build_std)),
        };
        let options = ["--target", &self.triple, "--target-dir", self.target_dir.as_str()];
        let cargo = cargo.args(arguments).args(options).args(build_std);
        cargo.envs(self.environment.iter().map(|(name, value)| (name, value)))
    }
}

/// The directory of everything that belongs to `rustc`.
pub(crate) fn sysroot(rustc: Cmd<'_>) -> Option<Utf8PathBuf> {
    quiet(rustc.args(["--print", "sysroot"])).map(Utf8PathBuf::from)
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
        let is_recent = |version: &str| is_recent(version, &Version::new(1, 95, 0));
        assert!(["rustc 1.95.0", "rustc 1.95.0-nightly (0 2026-01-01)"].into_iter().all(is_recent));
        assert!(
            !["rustc 1.94.9 (0 2026-01-01)", "rustc", "", "rustc new"].into_iter().any(is_recent)
        );
    }
}
