//! Where and when something was measured, and which versions.

use std::collections::BTreeMap;
use std::time::SystemTime;
use std::{env, fs, thread};

use anyhow::{Context, Result};
use cargo_metadata::{Metadata, Package};
use xshell::{Shell, cmd};

use crate::workspace::{self, Workspace};

/// What numbers are worth nothing without.
#[derive(Default)]
pub(super) struct Setting {
    pub(super) date: String,
    pub(super) machine: String,
    pub(super) rustc: String,
    pub(super) commit: String,
    /// Package and version of each dependency of the benchmarks, by its name there.
    pub(super) versions: BTreeMap<String, (String, String)>,
}

impl Setting {
    pub(super) fn find(workspace: &Workspace) -> Result<Self> {
        let shell = &workspace.shell;
        let now = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
        Ok(Self {
            date: now.replace('T', " ").replace('Z', " UTC"),
            // A file of Linux.
            machine: machine(&fs::read_to_string("/proc/cpuinfo").unwrap_or_default())?,
            rustc: cmd!(shell, "rustc --version").read()?,
            commit: commit(shell).unwrap_or("unknown".to_owned()),
            versions: versions(&workspace::resolved()?, "benches")?,
        })
    }
}

fn machine(cpuinfo: &str) -> Result<String> {
    let field = |name| {
        let values = cpuinfo.lines().filter_map(|line| line.strip_prefix(name));
        values.filter_map(|rest| rest.split_once(": ")).map(|(_, value)| value).next()
    };
    let model = field("model name").unwrap_or("unknown processor");
    let is_virtual = field("flags").is_some_and(|flags| flags.contains("hypervisor"));
    let kind = if is_virtual { ", virtual machine" } else { "" };
    let cores = thread::available_parallelism()?;
    Ok(format!("{model}, {cores} cores, {} {}{kind}", env::consts::OS, env::consts::ARCH))
}

/// The commit that was measured, if this is a repository. A report is no change to what it is of.
fn commit(shell: &Shell) -> Result<String> {
    let commit = cmd!(shell, "git rev-parse --short HEAD").quiet().ignore_stderr().read()?;
    let others = [":!benches/REPORT.md", ":!benches/SUMMARY.md", ":!benches/charts", ":!README.md"];
    let status = cmd!(shell, "git status --porcelain -- . {others...}").quiet().read()?;
    let changes = if status.is_empty() { "" } else { " + changes" };
    Ok(format!("{commit}{changes}"))
}

fn versions(metadata: &Metadata, package: &str) -> Result<BTreeMap<String, (String, String)>> {
    let is_it = |candidate: &&Package| candidate.name == package;
    let id = &metadata.workspace_packages().into_iter().find(is_it).context("no such package")?.id;
    let resolve = metadata.resolve.as_ref().context("nothing is resolved")?;
    let dependencies = resolve[id].deps.iter().map(|dependency| {
        let package = &metadata[&dependency.pkg];
        (dependency.name.clone(), (package.name.to_string(), package.version.to_string()))
    });
    Ok(dependencies.collect())
}
