//! Where things are: the workspace root, its packages and its target directory.

use anyhow::{Context, Result};
use cargo_metadata::camino::{Utf8Path, Utf8PathBuf};
use cargo_metadata::{Metadata, MetadataCommand, Package, PackageId};
use xshell::{Cmd, Shell, cmd};

/// The crates that are published, in the order in which they depend on each other.
pub(crate) const PUBLISHED: [&str; 2] = ["rsevents", "rsevents-extra"];

/// Primitives other than the real ones, on which the published crates can be built.
pub(crate) struct Backend {
    cfg: &'static str,
    /// Of its target directory: its flags would otherwise throw away what was built without them.
    name: &'static str,
}

/// Loom's, and a model of the parking lot. Takes the feature `loom` as well.
pub(crate) const LOOM: Backend = Backend { cfg: "loom", name: "loom" };

/// The real ones with random delays.
pub(crate) const DELAYS: Backend = Backend { cfg: "rsevents_delays", name: "delays" };

impl Backend {
    /// The variables of a build's environment that choose it, also for tests of the documentation. Not `RUSTFLAGS`:
    /// cargo ignores that where the first one is set, and would build the real ones.
    pub(crate) fn environment(&self) -> [(&'static str, String); 2] {
        ["CARGO_ENCODED_RUSTFLAGS", "CARGO_ENCODED_RUSTDOCFLAGS"]
            .map(|name| (name, format!("--cfg\x1f{}", self.cfg)))
    }
}

/// The workspace of the current directory, and a shell whose directory is its root.
pub(crate) struct Workspace {
    pub(crate) shell: Shell,
    metadata: Metadata,
}

impl Workspace {
    /// Asks cargo. A path fixed at compile time could be that of another checkout: cargo does not build
    /// this program again for the second one that has the same target directory.
    pub(crate) fn load() -> Result<Self> {
        let metadata = MetadataCommand::new().no_deps().exec()?;
        let shell = Shell::new()?;
        shell.change_dir(&metadata.workspace_root);
        Ok(Self { shell, metadata })
    }

    /// The member called `name`.
    pub(crate) fn package(&self, name: &str) -> Result<&Package> {
        let mut packages = self.metadata.packages.iter();
        packages
            .find(|package| package.name == name)
            .with_context(|| format!("the workspace has no package `{name}`"))
    }

    /// The name of the member with this id.
    pub(crate) fn package_name(&self, id: &PackageId) -> Result<&str> {
        let mut packages = self.metadata.packages.iter();
        let package = packages.find(|package| package.id == *id);
        Ok(package.with_context(|| format!("{id} is no member of the workspace"))?.name.as_str())
    }

    /// A cargo command with these arguments, on other primitives.
    pub(crate) fn cargo_on<'a>(
        &self,
        backend: &Backend,
        arguments: impl IntoIterator<Item = &'a str>,
    ) -> Cmd<'_> {
        let (mut arguments, target_dir) = (arguments.into_iter(), self.target_dir(backend.name));
        let command = arguments.next().unwrap_or_default();
        cmd!(self.shell, "cargo {command} --target-dir {target_dir} {arguments...}")
            .envs(backend.environment())
    }

    /// The target directory of builds that are unlike the usual ones: their flags would otherwise throw away
    /// what was built without them.
    pub(crate) fn target_dir(&self, name: &str) -> Utf8PathBuf {
        self.metadata.target_directory.join(name)
    }

    /// The copies of the workspace in which mutants live, and what was built of them.
    pub(crate) fn mutants_dir(&self) -> Utf8PathBuf {
        self.metadata.target_directory.join("mutants")
    }

    /// The directory of everything in the workspace.
    pub(crate) fn root(&self) -> &Utf8Path {
        &self.metadata.workspace_root
    }

    /// The directory of the member called `name`.
    pub(crate) fn package_dir(&self, name: &str) -> Result<&Utf8Path> {
        let manifest = &self.package(name)?.manifest_path;
        manifest.parent().with_context(|| format!("{manifest} is in no directory"))
    }
}

/// `-p NAME` for each published crate.
pub(crate) fn select_published() -> impl Iterator<Item = &'static str> {
    PUBLISHED.into_iter().flat_map(|name| ["-p", name])
}

/// The workspace with every dependency of every platform resolved.
pub(crate) fn resolved() -> Result<Metadata> {
    Ok(MetadataCommand::new().exec()?)
}
