//! Building for a platform: with the standard library that rustup has installed for it, or with one that is
//! built along. And what is missing for that, or to run what was built.

use std::fs;
use std::process::Command;

use anyhow::Result;
use cargo_metadata::camino::Utf8Path;
use xshell::{Shell, cmd};

use super::list::{Platform, Runner};
use super::wine;
use crate::build_std::{self, Build, Compiler};
use crate::tool::succeeds;
use crate::workspace::Workspace;

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

/// What a platform lacks, and the packages in which Debian has it.
pub(super) struct Missing {
    pub(super) what: String,
    pub(super) packages: Vec<String>,
}

/// What builds for a platform, or what is missing to build or to run.
pub(super) fn find<'a>(
    workspace: &'a Workspace,
    platform: &Platform,
) -> Result<Result<Build<'a>, Vec<Missing>>> {
    let (shell, triple) = (&workspace.shell, platform.triple);
    let is_node = matches!(platform.runner, Runner::Node);
    let mut missing = Vec::new();
    if let Some(what) = missing_to_run(platform)? {
        let packages = platform.packages.iter();
        let packages = packages.map(|package| package.replace("{gcc}", &gcc_version(shell)));
        missing.push(Missing { what, packages: packages.collect() });
    }
    let mut compiler = None;
    if is_node || !is_installed(shell, triple) {
        // Debian's compiler brings no linker for node's target.
        compiler = Compiler::find(workspace)?.filter(|compiler| !is_node || compiler.is_nightly);
        if compiler.is_none() {
            let what = format!("`rustup target add {triple}`, or {}", build_std::HOW_TO_GET);
            let packages = if is_node { &[][..] } else { &build_std::PACKAGES };
            let packages = packages.iter().map(ToString::to_string).collect();
            missing.push(Missing { what, packages });
        }
    }
    if !missing.is_empty() {
        return Ok(Err(missing));
    }
    let mut environment = Vec::new();
    if let Some(linker) = platform.linker.first() {
        let name = triple.to_uppercase().replace('-', "_");
        environment.push((format!("CARGO_TARGET_{name}_LINKER"), (*linker).to_owned()));
    }
    if is_node {
        environment.push(("CARGO_ENCODED_RUSTFLAGS".to_owned(), NODE_FLAGS.join("\x1f")));
    }
    Ok(Ok(Build {
        shell,
        compiler,
        triple: triple.to_owned(),
        target_dir: workspace.target_dir("platforms"),
        environment,
        // Cargo does not know that a program for node needs the second.
        build_std: if is_node { "-Zbuild-std=std,panic_abort" } else { "-Zbuild-std" },
    }))
}

/// Whether the usual toolchain has the standard library for the target.
fn is_installed(shell: &Shell, triple: &str) -> bool {
    let rustc = cmd!(shell, "rustc --print target-libdir --target {triple}");
    let directory = rustc.quiet().ignore_stderr().read();
    directory.is_ok_and(|directory| Utf8Path::new(&directory).exists())
}

/// What is missing to link and run programs. A program has to do both: installed packages prove nothing.
fn missing_to_run(platform: &Platform) -> Result<Option<String>> {
    let directory = tempfile::tempdir()?;
    let [source, program] = ["program.c", "program"].map(|name| directory.path().join(name));
    if let [linker, arguments @ ..] = platform.linker {
        fs::write(&source, "int main(void) { return 0; }\n")?;
        let mut link = Command::new(linker);
        if !succeeds(link.args(arguments).arg(source).arg("-o").arg(&program)) {
            return Ok(Some(format!("`{}` that links", platform.linker.join(" "))));
        }
    }
    let (runs, name) = match platform.runner {
        Runner::None => (true, ""),
        Runner::Native => (succeeds(&mut Command::new(program)), "a kernel that runs it"),
        Runner::Emulator(words) => {
            (succeeds(Command::new(words[0]).args(&words[1..]).arg(program)), words[0])
        }
        Runner::Wine => (wine::program().is_some(), "wine64"),
        Runner::Node => (succeeds(Command::new("node").arg("--version")), "node"),
    };
    Ok((!runs).then(|| name.to_owned()))
}

/// The major version of the compiler, or Debian's where there is no compiler to ask.
fn gcc_version(shell: &Shell) -> String {
    let version = cmd!(shell, "cc -dumpversion").quiet().ignore_stderr().read();
    let version = version.unwrap_or("12".to_owned());
    version.split('.').next().unwrap_or(&version).to_owned()
}

/// Installs packages where that is possible, or says what it would install.
pub(super) fn install(shell: &Shell, mut packages: Vec<String>) -> Result<()> {
    packages.sort();
    packages.dedup();
    let user = cmd!(shell, "id -u").quiet().ignore_stderr().read();
    let is_root = user.is_ok_and(|user| user == "0");
    if packages.is_empty() {
        eprintln!("nothing to install");
    } else if is_root && succeeds(Command::new("apt-get").arg("--version")) {
        cmd!(shell, "apt-get update --quiet").run()?;
        let install = cmd!(shell, "apt-get install --yes --no-install-recommends {packages...}");
        install.env("DEBIAN_FRONTEND", "noninteractive").run()?;
    } else {
        eprintln!("nothing was installed: that takes root on Debian: {}", packages.join(" "));
    }
    Ok(())
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
            let [name, triple, shows] = [""; 3];
            let platform = Platform { name, triple, shows, runner, linker, packages: &[] };
            assert_eq!(missing_to_run(&platform).unwrap().as_deref(), expected);
        }
    }
}
