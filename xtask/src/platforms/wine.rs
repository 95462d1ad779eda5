//! Wine, with a temporary prefix.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use xshell::{Cmd, Shell, cmd};

use crate::suites::How;
use crate::tool::succeeds;
use crate::workspace::Workspace;

/// Where Wine is: Debian does not put everything on the path.
const PROGRAMS: [&str; 3] = ["wine64", "/usr/lib/wine/wine64", "wine"];
const SERVERS: [&str; 2] = ["wineserver", "/usr/lib/wine/wineserver"];

/// The library that Wine may lack. Programs that import it then exit before they say anything.
const LIBRARY: &str = "bcryptprimitives.dll";

/// The directory in which to put it, on Windows' drive and on this machine's.
const DIRECTORY: (&str, &str) = (r"C:\imports", "drive_c/imports");

/// A Windows of its own.
pub(super) struct Wine<'a> {
    shell: &'a Shell,
    program: &'static str,
    /// Removed in the end, after the server has stopped.
    prefix: TempDir,
}

/// The name by which Wine can be run, if it is there.
pub(super) fn program(shell: &Shell) -> Option<&'static str> {
    PROGRAMS.into_iter().find(|program| succeeds(cmd!(shell, "{program} --version")))
}

impl<'a> Wine<'a> {
    /// Makes a fresh Windows, on which programs find all that they import. `compiler` makes libraries
    /// for it.
    pub(super) fn start(workspace: &'a Workspace, compiler: &str) -> Result<Self> {
        let shell = &workspace.shell;
        let program = program(shell).context("Wine is gone")?;
        let wine = Self { shell, program, prefix: tempfile::tempdir()? };
        let boot = wine.command(program).args(["wineboot", "--init"]);
        ensure!(succeeds(boot), "Wine does not start");
        wine.add_library(workspace, compiler)?;
        Ok(wine)
    }

    /// How to run programs here.
    pub(super) fn how(&self, limit: Duration) -> How {
        How { runner: vec![self.program.to_owned()], environment: self.environment(), limit }
    }

    /// Makes the library that Wine may lack, if it does.
    fn add_library(&self, workspace: &Workspace, compiler: &str) -> Result<()> {
        let (_, directory) = DIRECTORY;
        let prefix = self.prefix.path();
        if prefix.join("drive_c/windows/system32").join(LIBRARY).exists() {
            return Ok(());
        }
        let library = prefix.join(directory).join(LIBRARY);
        self.shell.create_dir(prefix.join(directory))?;
        let source = workspace.root().join("xtask/src/platforms/bcryptprimitives.c");
        let compile = cmd!(
            self.shell,
            "{compiler} -Wall -Wextra -Werror -shared -o {library} {source} -ladvapi32"
        );
        Ok(compile.run()?)
    }

    /// A command that uses this Windows.
    fn command(&self, program: &str) -> Cmd<'a> {
        cmd!(self.shell, "{program}").envs(self.environment())
    }

    fn environment(&self) -> Vec<(&'static str, String)> {
        let (directory, _) = DIRECTORY;
        vec![
            ("WINEPREFIX", self.prefix.path().display().to_string()),
            ("WINEPATH", directory.to_owned()),
            ("WINEDEBUG", "-all".to_owned()),
            // No offers to download parts that these programs do not use.
            ("WINEDLLOVERRIDES", "mscoree=;mshtml=".to_owned()),
        ]
    }
}

impl Drop for Wine<'_> {
    /// Ends what still runs there, so that the directory can go.
    fn drop(&mut self) {
        // The kill fails where the server has stopped by itself.
        let stops = |server: &&str| {
            succeeds(self.command(server).arg("--kill"));
            succeeds(self.command(server).arg("--wait"))
        };
        if !SERVERS.iter().any(stops) {
            eprintln!("Wine's server was not found, or did not stop");
        }
    }
}
