//! Installing what is missing, where that is one command.

use anyhow::Result;
use xshell::{Shell, cmd};

use super::build::Build;
use super::list::{Depth, Platform};
use super::needs;
use crate::build_std;
use crate::workspace::Workspace;

/// Installs the packages of the platforms for which something is missing, or says what it would install.
pub(super) fn run(workspace: &Workspace, platforms: &[&Platform]) -> Result<()> {
    let shell = &workspace.shell;
    let mut missing: Vec<String> = Vec::new();
    for platform in platforms {
        if needs::missing(platform)?.is_some() {
            missing.extend(packages(shell, platform));
        }
        if Build::find(workspace, platform)?.is_none() && !matches!(platform.depth, Depth::Node) {
            missing.extend(build_std::PACKAGES.map(str::to_owned));
        }
    }
    missing.sort();
    missing.dedup();
    if missing.is_empty() {
        eprintln!("nothing to install");
        return Ok(());
    }
    if !is_possible(shell) {
        eprintln!("nothing was installed: root on Debian would {}", command(&missing));
        return Ok(());
    }
    cmd!(shell, "apt-get update --quiet").run()?;
    let install = cmd!(shell, "apt-get install --yes --no-install-recommends {missing...}");
    Ok(install.env("DEBIAN_FRONTEND", "noninteractive").run()?)
}

/// What a user types to install the packages.
pub(super) fn command(packages: &[String]) -> String {
    format!("apt-get install --no-install-recommends {}", packages.join(" "))
}

/// Debian's packages of the platform for the compiler that is there.
pub(super) fn packages(shell: &Shell, platform: &Platform) -> Vec<String> {
    let packages = match &platform.depth {
        Depth::Run { packages, .. } => *packages,
        Depth::Node => &["nodejs"],
        Depth::Compile => &[],
    };
    let version = cmd!(shell, "cc -dumpversion").quiet().ignore_stderr().read();
    // Debian's number, where there is no compiler to ask.
    let version = version.unwrap_or("12".to_owned());
    let major = version.split('.').next().unwrap_or(&version);
    packages.iter().map(|package| package.replace("{gcc}", major)).collect()
}

fn is_possible(shell: &Shell) -> bool {
    let user = cmd!(shell, "id -u").quiet().ignore_stderr().read();
    let has_apt = cmd!(shell, "apt-get --version").quiet().ignore_stdout().ignore_stderr().run();
    user.is_ok_and(|user| user == "0") && has_apt.is_ok()
}
