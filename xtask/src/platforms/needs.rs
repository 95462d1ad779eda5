//! Whether what a platform needs is there. Not by asking which packages are installed: a program has to
//! link, and to run.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Result;

use super::list::{Depth, Platform, Runner};
use super::{node, wine};

/// What is missing to run programs of the platform, in words.
pub(super) fn missing(platform: &Platform) -> Result<Option<String>> {
    let (linker, runner) = match &platform.depth {
        Depth::Run { linker, runner, .. } => (linker, runner),
        Depth::Node => return Ok((!node::is_installed()).then(|| "node".to_owned())),
        Depth::Compile => return Ok(None),
    };
    let directory = tempfile::tempdir()?;
    let program = directory.path().join("program");
    if !links(linker, directory.path(), &program)? {
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

/// Whether `linker` makes a `program` of the shortest source there is.
fn links(linker: &[&str], directory: &Path, program: &Path) -> Result<bool> {
    let source = directory.join("program.c");
    fs::write(&source, "int main(void) { return 0; }\n")?;
    let mut command = Command::new(linker[0]);
    Ok(succeeds(command.args(&linker[1..]).arg(source).arg("-o").arg(program)))
}

/// Whether the command can be run and succeeds. It prints nothing.
pub(super) fn succeeds(command: &mut Command) -> bool {
    let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A platform that differs from this one in how a program is linked and run.
    fn missing_for(linker: &'static [&'static str], runner: Runner) -> Option<String> {
        let depth = Depth::Run { linker, runner, packages: &[] };
        let platform = Platform { name: "", triple: "", depth, shows: "" };
        missing(&platform).unwrap()
    }

    #[test]
    fn linker_that_is_not_there_is_missing() {
        let missing = missing_for(&["no-such-linker", "-m0"], Runner::Native);
        assert_eq!(missing.as_deref(), Some("`no-such-linker -m0` that links"));
    }

    #[test]
    #[cfg(unix)]
    fn program_has_to_run() {
        assert_eq!(missing_for(&["cc"], Runner::Native), None);
        assert_eq!(missing_for(&["cc"], Runner::Emulator(&["env", "--"])), None);
        let missing = missing_for(&["cc"], Runner::Emulator(&["false"]));
        assert_eq!(missing.as_deref(), Some("false"));
    }

    #[test]
    fn nothing_is_needed_to_compile() {
        let platform = Platform { name: "", triple: "", depth: Depth::Compile, shows: "" };
        assert_eq!(missing(&platform).unwrap(), None);
    }
}
