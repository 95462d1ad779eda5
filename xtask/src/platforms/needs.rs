//! Whether what a platform needs is there, and how to get it. Not by asking which packages are installed: a
//! program has to link, and to run.

use std::fs;
use std::process::Command;

use anyhow::Result;
use xshell::{Shell, cmd};

use super::build::Build;
use super::list::{Depth, Platform, Runner};
use super::wine;
use crate::build_std;
use crate::tool::succeeds;
use crate::workspace::Workspace;

/// What is missing to link and run programs of the platform.
pub(super) fn missing(depth: &Depth) -> Result<Option<String>> {
    let (linker, runner) = match depth {
        Depth::Run { linker, runner, .. } => (linker, runner),
        Depth::Node => {
            let has_node = succeeds(Command::new("node").arg("--version"));
            return Ok((!has_node).then(|| "node".to_owned()));
        }
        Depth::Compile => return Ok(None),
    };
    let directory = tempfile::tempdir()?;
    let [source, program] = ["program.c", "program"].map(|name| directory.path().join(name));
    fs::write(&source, "int main(void) { return 0; }\n")?;
    let mut link = Command::new(linker[0]);
    if !succeeds(link.args(&linker[1..]).arg(source).arg("-o").arg(&program)) {
        return Ok(Some(format!("`{}` that links", linker.join(" "))));
    }
    let (runs, name) = match runner {
        Runner::Native => (succeeds(&mut Command::new(program)), "a kernel that runs it"),
        Runner::Emulator(words) => {
            (succeeds(Command::new(words[0]).args(&words[1..]).arg(program)), words[0])
        }
        Runner::Wine => (wine::program().is_some(), "wine64"),
    };
    Ok((!runs).then(|| name.to_owned()))
}

/// Installs the packages of the platforms for which something is missing, or says what it would install.
pub(super) fn install(workspace: &Workspace, platforms: &[&Platform]) -> Result<()> {
    let shell = &workspace.shell;
    let mut packages: Vec<String> = Vec::new();
    for platform in platforms {
        if missing(&platform.depth)?.is_some() {
            packages.extend(packages_of(shell, &platform.depth));
        }
        if Build::find(workspace, platform)?.is_none() && !matches!(platform.depth, Depth::Node) {
            packages.extend(build_std::PACKAGES.map(str::to_owned));
        }
    }
    packages.sort();
    packages.dedup();
    let user = cmd!(shell, "id -u").quiet().ignore_stderr().read();
    let is_possible =
        user.is_ok_and(|user| user == "0") && succeeds(Command::new("apt-get").arg("--version"));
    if packages.is_empty() {
        eprintln!("nothing to install");
    } else if is_possible {
        cmd!(shell, "apt-get update --quiet").run()?;
        cmd!(shell, "apt-get install --yes --no-install-recommends {packages...}")
            .env("DEBIAN_FRONTEND", "noninteractive")
            .run()?;
    } else {
        eprintln!("nothing was installed: root on Debian would {}", command(&packages));
    }
    Ok(())
}

/// What a user types to install the packages.
pub(super) fn command(packages: &[String]) -> String {
    format!("apt-get install --no-install-recommends {}", packages.join(" "))
}

/// Debian's packages for a platform, for the compiler that is there.
pub(super) fn packages_of(shell: &Shell, depth: &Depth) -> Vec<String> {
    let packages = match depth {
        Depth::Run { packages, .. } => *packages,
        Depth::Node => &["nodejs"],
        Depth::Compile => &[],
    };
    // Debian's version, where there is no compiler to ask.
    let version = cmd!(shell, "cc -dumpversion").quiet().ignore_stderr().read();
    let version = version.unwrap_or("12".to_owned());
    let major = version.split('.').next().unwrap_or(&version);
    packages.iter().map(|package| package.replace("{gcc}", major)).collect()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_program_has_to_link_and_to_run() {
        let cases: [(&[&str], _, _); 4] = [
            (&["cc"], Runner::Native, None),
            (&["cc"], Runner::Emulator(&["env", "--"]), None),
            (&["cc"], Runner::Emulator(&["false"]), Some("false")),
            (&["no-such-linker", "-m0"], Runner::Native, Some("`no-such-linker -m0` that links")),
        ];
        for (linker, runner, expected) in cases {
            let found = missing(&Depth::Run { linker, runner, packages: &[] }).unwrap();
            assert_eq!(found.as_deref(), expected);
        }
    }
}
