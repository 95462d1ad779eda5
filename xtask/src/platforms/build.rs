//! Building for a platform: with the standard library that rustup has installed for it, or with one that is
//! built along.

use anyhow::Result;
use cargo_metadata::camino::{Utf8Path, Utf8PathBuf};
use xshell::{Cmd, Shell, cmd};

use super::list::{Depth, Platform};
use crate::build_std::{self, Compiler};
use crate::workspace::Workspace;

/// How to get the compiler for node. Debian's brings no linker for this target.
const NODE: &str = "`rustup toolchain install nightly --component rust-src`";

/// What the program for node and its standard library are compiled and linked with. The memory is the script's,
/// and of this size.
const NODE_FLAGS: [&str; 6] = [
    "-Ctarget-feature=+atomics,+bulk-memory,+mutable-globals",
    "-Clink-arg=--shared-memory",
    "-Clink-arg=--import-memory",
    "-Clink-arg=--max-memory=67108864",
    "-Clink-arg=--export=__stack_pointer",
    "-Clink-arg=--export=__wasm_init_tls",
];

/// What builds for a platform.
pub(super) struct Build<'a> {
    shell: &'a Shell,
    platform: &'a Platform,
    /// Builds the standard library along where rustup has installed none.
    compiler: Option<Compiler>,
    target_dir: Utf8PathBuf,
}

impl<'a> Build<'a> {
    /// What is there for this platform, if anything.
    pub(super) fn find(workspace: &'a Workspace, platform: &'a Platform) -> Result<Option<Self>> {
        let shell = &workspace.shell;
        let is_node = matches!(platform.depth, Depth::Node);
        let compiler = if !is_node && is_installed(shell, platform.triple) {
            None
        } else {
            let compiler = Compiler::find(workspace)?;
            let Some(compiler) = compiler.filter(|compiler| !is_node || compiler.is_nightly) else {
                return Ok(None);
            };
            Some(compiler)
        };
        Ok(Some(Self { shell, platform, compiler, target_dir: workspace.target_dir("platforms") }))
    }

    /// What `find` looks for, and how to get it.
    pub(super) fn needs(platform: &Platform) -> String {
        match platform.depth {
            Depth::Node => NODE.to_owned(),
            _ => format!("`rustup target add {}`, or {}", platform.triple, build_std::HOW_TO_GET),
        }
    }

    /// Where the standard library is from.
    pub(super) fn origin(&self) -> String {
        let installed = || "as installed".to_owned();
        self.compiler
            .as_ref()
            .map_or_else(installed, |compiler| format!("built by {}", compiler.version))
    }

    /// Cargo, which links for the platform.
    pub(super) fn cargo(&self) -> Cmd<'a> {
        let cargo = match &self.compiler {
            None => cmd!(self.shell, "cargo"),
            Some(compiler) => compiler.cargo(self.shell),
        };
        match self.platform.depth {
            Depth::Run { linker, .. } => {
                cargo.env(linker_variable(self.platform.triple), linker[0])
            }
            Depth::Node => cargo.env("CARGO_ENCODED_RUSTFLAGS", NODE_FLAGS.join("\x1f")),
            Depth::Compile => cargo,
        }
    }

    /// What has to follow the subcommand.
    pub(super) fn options(&self) -> Vec<&str> {
        let mut options = vec!["--target", self.platform.triple];
        options.extend(["--target-dir", self.target_dir.as_str()]);
        match (&self.compiler, &self.platform.depth) {
            (None, _) => {}
            // Cargo does not know that a program for this target needs it.
            (_, Depth::Node) => options.push("-Zbuild-std=std,panic_abort"),
            _ => options.push("-Zbuild-std"),
        }
        options
    }
}

/// Whether the usual toolchain has the standard library for the target.
fn is_installed(shell: &Shell, triple: &str) -> bool {
    let rustc = cmd!(shell, "rustc --print target-libdir --target {triple}");
    let directory = rustc.quiet().ignore_stderr().read();
    directory.is_ok_and(|directory| Utf8Path::new(&directory).exists())
}

/// The variable by which cargo learns what links for the target.
fn linker_variable(triple: &str) -> String {
    format!("CARGO_TARGET_{}_LINKER", triple.to_uppercase().replace('-', "_"))
}
