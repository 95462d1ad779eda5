//! Builds for a target, with a standard library that is built along where rustup has none, or none with the
//! same flags.

use cargo_metadata::camino::{Utf8Path, Utf8PathBuf};
use xshell::{Cmd, Shell, cmd};

/// How to get what builds the standard library.
pub(crate) const HOW_TO_GET: &str = "`rustup toolchain install nightly --component rust-src`";

/// Whether the standard library can be built.
pub(crate) fn is_available(shell: &Shell) -> bool {
    let sysroot = cmd!(shell, "rustup run nightly rustc --print sysroot");
    let source = "lib/rustlib/src/rust/library/std/Cargo.toml";
    let sysroot = sysroot.quiet().ignore_stderr().read();
    sysroot.is_ok_and(|sysroot| Utf8Path::new(&sysroot).join(source).exists())
}

/// How to build for one target.
pub(crate) struct Build<'a> {
    pub(crate) shell: &'a Shell,
    pub(crate) triple: String,
    pub(crate) target_dir: Utf8PathBuf,
    pub(crate) environment: Vec<(String, String)>,
    /// The flag that builds the standard library along. Takes the nightly compiler.
    pub(crate) build_std: Option<&'static str>,
}

impl<'a> Build<'a> {
    /// The cargo command of these arguments.
    pub(crate) fn cargo<'s>(&self, arguments: impl IntoIterator<Item = &'s str>) -> Cmd<'a> {
        let cargo = match self.build_std {
            None => cmd!(self.shell, "cargo"),
            Some(_) => cmd!(self.shell, "rustup run nightly cargo"),
        };
        let options = ["--target", &self.triple, "--target-dir", self.target_dir.as_str()];
        let cargo = cargo.args(arguments).args(options).args(self.build_std);
        cargo.envs(self.environment.iter().map(|(name, value)| (name, value)))
    }
}
