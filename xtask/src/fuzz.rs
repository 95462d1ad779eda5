//! `cargo xtask fuzz`: random programs on all objects, against their models. Guided by coverage where
//! cargo-bolero is installed, otherwise purely random.

use std::process::Command;
use std::time::Duration;

use anyhow::Result;
use clap::{Parser, ValueEnum};
use xshell::cmd;

use crate::span::Span;
use crate::stats;
use crate::workspace::Workspace;
use crate::{cargo, tool};

/// The test, and the package that it is in.
const TEST: &str = "objects_do_what_their_models_do";
const PACKAGE: &str = "fuzz";

/// How long a build may take beyond the time that was asked for.
const BUILD: Duration = Duration::from_secs(20 * 60);

/// What makes the programs.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Engine {
    /// A search for programs that reach new code.
    Guided,
    /// A random number generator.
    Random,
}

/// Options of `cargo xtask fuzz`.
#[derive(Debug, Parser)]
pub(crate) struct Options {
    #[command(flatten)]
    span: Span,

    /// Where the programs come from [default: guided where cargo-bolero is installed].
    #[arg(long)]
    engine: Option<Engine>,
}

/// Fuzzes for as long as the options say. Fails if a program does, or if an outcome of an operation never came up.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let time = options.span.time();
    let mut command = match options.engine.unwrap_or_else(|| best(workspace)) {
        Engine::Guided => guided(workspace, time),
        Engine::Random => random(workspace, time)?,
    };
    // With it, each refused call would cost a backtrace.
    command.env("RUST_BACKTRACE", "0");
    stats::run("fuzz", command, BUILD + time, &["objects"], true)?;
    Ok(())
}

/// The best engine for which there is a tool.
fn best(workspace: &Workspace) -> Engine {
    if tool::has_cargo(&workspace.shell, "bolero") {
        return Engine::Guided;
    }
    eprintln!(
        "no coverage guidance, only random programs: it needs cargo-bolero and a C++ compiler \
         (cargo install cargo-bolero --locked --no-default-features --features libfuzzer)"
    );
    Engine::Random
}

fn guided(workspace: &Workspace, time: Duration) -> Command {
    let dir = workspace.target_dir("fuzz");
    // The corpus is kept: the next search begins with what this one finds.
    let (corpus, crashes) = (dir.join("corpus"), dir.join("crashes"));
    let time = format!("{}s", time.as_secs());
    // Sanitizers need a nightly compiler, and this code allocates hardly any memory.
    let bolero = cmd!(
        workspace.shell,
        "cargo bolero test {TEST} --engine=libfuzzer --package {PACKAGE} --sanitizer NONE
         --target-dir {dir} --corpus-dir {corpus} --crashes-dir {crashes} -T {time}"
    );
    eprintln!("$ {bolero}");
    bolero.into()
}

fn random(workspace: &Workspace, time: Duration) -> Result<Command> {
    let build = cmd!(workspace.shell, "cargo test --release --package {PACKAGE} --no-run");
    let test = cargo::build_one(build)?;
    let mut command = Command::new(&test.path);
    // bolero looks for inputs of former failures in the directory of the package.
    command.current_dir(workspace.package_dir(PACKAGE)?);
    command.args([TEST, "--exact", "--nocapture"]);
    command.env("BOLERO_RANDOM_TEST_TIME_MS", time.as_millis().to_string());
    command.env_remove("BOLERO_RANDOM_ITERATIONS");
    Ok(command)
}
