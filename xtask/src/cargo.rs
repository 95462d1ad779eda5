//! Runs cargo's builds and reads the executables from its JSON messages.

use std::io::BufReader;

use anyhow::{Result, anyhow};
use cargo_metadata::camino::Utf8PathBuf;
use cargo_metadata::{Artifact, Message};
use xshell::Cmd;

/// A program that cargo built, and what it was built from.
pub(crate) struct Executable {
    pub(crate) path: Utf8PathBuf,
    pub(crate) artifact: Artifact,
}

/// Runs a cargo command that builds, and returns the executables it names.
pub(crate) fn build(command: Cmd<'_>) -> Result<Vec<Executable>> {
    // The diagnostics still go to the terminal, rendered.
    let command = command.arg("--message-format=json-render-diagnostics");
    eprintln!("$ {command}");
    executables(&command.read()?)
}

/// The same for a command that builds one executable.
pub(crate) fn build_one(command: Cmd<'_>) -> Result<Executable> {
    let text = command.to_string();
    let [executable] = <[_; 1]>::try_from(build(command)?)
        .map_err(|built| anyhow!("built {} executables, not one: {text}", built.len()))?;
    Ok(executable)
}

/// The executables that cargo names in its messages.
pub(crate) fn executables(messages: &str) -> Result<Vec<Executable>> {
    let mut executables = Vec::new();
    for message in Message::parse_stream(BufReader::new(messages.as_bytes())) {
        if let Message::CompilerArtifact(artifact) = message?
            && let Some(path) = artifact.executable.clone()
        {
            executables.push(Executable { path, artifact });
        }
    }
    Ok(executables)
}
