//! Where and when this was measured.

use std::time::SystemTime;
use std::{env, fs, thread};

use anyhow::Result;
use xshell::{Shell, cmd};

/// What numbers are worth nothing without.
pub(super) struct Setting {
    pub(super) date: String,
    pub(super) machine: String,
    pub(super) rustc: String,
    pub(super) commit: String,
}

impl Setting {
    /// Looks around.
    pub(super) fn look(shell: &Shell) -> Result<Self> {
        let now = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
        Ok(Self {
            date: now.replace('T', " ").replace('Z', " UTC"),
            // A file of Linux.
            machine: machine(&fs::read_to_string("/proc/cpuinfo").unwrap_or_default())?,
            rustc: cmd!(shell, "rustc --version").read()?,
            commit: commit(shell).unwrap_or("unknown".to_owned()),
        })
    }
}

fn machine(cpuinfo: &str) -> Result<String> {
    let model = field(cpuinfo, "model name").unwrap_or("unknown processor");
    let cores = thread::available_parallelism()?;
    let (os, arch) = (env::consts::OS, env::consts::ARCH);
    let is_virtual = field(cpuinfo, "flags")
        .is_some_and(|flags| flags.split_whitespace().any(|flag| flag == "hypervisor"));
    let kind = if is_virtual { ", virtual machine" } else { "" };
    Ok(format!("{model}, {cores} cores, {os} {arch}{kind}"))
}

/// The first value with this name: `name : value`.
fn field<'a>(cpuinfo: &'a str, name: &str) -> Option<&'a str> {
    let fields = cpuinfo.lines().filter_map(|line| line.split_once(':'));
    fields
        .map(|(key, value)| (key.trim(), value.trim()))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// The commit that was measured, if this is a repository. A report is no change to what it is of.
fn commit(shell: &Shell) -> Result<String> {
    let commit = cmd!(shell, "git rev-parse --short HEAD").quiet().ignore_stderr().read()?;
    let others = [":!benches/REPORT.md", ":!benches/charts"];
    let status = cmd!(shell, "git status --porcelain -- . {others...}").quiet().read()?;
    let changes = if status.is_empty() { "" } else { " + changes" };
    Ok(format!("{commit}{changes}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CPUINFO: &str = "processor\t: 0\nmodel name\t: Some CPU @ 2.0GHz\nflags\t\t: fpu vme\n
processor\t: 1\nmodel name\t: Some CPU @ 2.0GHz\nflags\t\t: fpu vme\n";

    #[test]
    fn processor_has_a_name() {
        let described = machine(CPUINFO).unwrap();
        assert!(described.starts_with("Some CPU @ 2.0GHz, "), "{described}");
        assert!(!described.contains("virtual"), "{described}");
    }

    #[test]
    fn virtual_machine_is_told() {
        let described = machine(&CPUINFO.replace("vme", "vme hypervisor")).unwrap();
        assert!(described.ends_with(", virtual machine"), "{described}");
    }

    #[test]
    fn machine_without_that_file_is_a_machine() {
        assert!(machine("").unwrap().starts_with("unknown processor, "));
    }
}
