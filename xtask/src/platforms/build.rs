//! What builds for a platform, or what is missing for that, or to run what was built.

use anyhow::Result;
use cargo_metadata::camino::Utf8Path;
use xshell::{Shell, cmd};

use super::list::{Platform, Runner};
use super::wine;
use crate::build_std::{self, Build};
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

/// What builds for a platform, if nothing is missing to build and to run. Otherwise says what it is.
pub(super) fn find<'a>(workspace: &'a Workspace, platform: &Platform) -> Result<Option<Build<'a>>> {
    let (shell, triple) = (&workspace.shell, platform.triple);
    let is_node = matches!(platform.runner, Runner::Node);
    let needs_std = is_node || !is_installed(shell, triple);
    let mut missing = Vec::new();
    if let Some(what) = missing_to_run(shell, platform)? {
        missing.push(format!("{what} (on Debian: apt-get install {})", platform.packages));
    }
    if needs_std && !build_std::is_available(shell) {
        // The library that rustup has for node's target knows no threads.
        let installed = if is_node { "" } else { &format!("`rustup target add {triple}` or ") };
        missing.push(format!("{installed}{}", build_std::HOW_TO_GET));
    }
    if !missing.is_empty() {
        eprintln!("skipped: it needs {}", missing.join(", and "));
        return Ok(None);
    }
    let mut environment = Vec::new();
    if let Some(linker) = platform.linker.first() {
        let name = triple.to_uppercase().replace('-', "_");
        environment.push((format!("CARGO_TARGET_{name}_LINKER"), (*linker).to_owned()));
    }
    if is_node {
        environment.push(("CARGO_ENCODED_RUSTFLAGS".to_owned(), NODE_FLAGS.join("\x1f")));
    }
    // Cargo does not know that a program for node needs the second.
    let flag = if is_node { "-Zbuild-std=std,panic_abort" } else { "-Zbuild-std" };
    Ok(Some(Build {
        shell,
        triple: triple.to_owned(),
        target_dir: workspace.target_dir("platforms"),
        environment,
        build_std: needs_std.then_some(flag),
    }))
}

/// Whether the usual toolchain has the standard library for the target.
fn is_installed(shell: &Shell, triple: &str) -> bool {
    let rustc = cmd!(shell, "rustc --print target-libdir --target {triple}");
    let directory = rustc.quiet().ignore_stderr().read();
    directory.is_ok_and(|directory| Utf8Path::new(&directory).exists())
}

/// What is missing to link and run programs. A program has to do both: installed packages prove nothing.
fn missing_to_run(shell: &Shell, platform: &Platform) -> Result<Option<String>> {
    let directory = tempfile::tempdir()?;
    let [source, program] = ["program.c", "program"].map(|name| directory.path().join(name));
    if let [linker, arguments @ ..] = platform.linker {
        shell.write_file(&source, "int main(void) { return 0; }\n")?;
        if !succeeds(cmd!(shell, "{linker} {arguments...} {source} -o {program}")) {
            return Ok(Some(format!("`{}` that links", platform.linker.join(" "))));
        }
    }
    let (runs, name) = match platform.runner {
        Runner::None => (true, ""),
        Runner::Native => (succeeds(cmd!(shell, "{program}")), "a kernel that runs it"),
        Runner::Emulator([emulator, arguments @ ..]) => {
            (succeeds(cmd!(shell, "{emulator} {arguments...} {program}")), *emulator)
        }
        Runner::Emulator([]) => (false, "an emulator"),
        Runner::Wine => (wine::program(shell).is_some(), "wine64"),
        Runner::Node => (succeeds(cmd!(shell, "node --version")), "node"),
    };
    Ok((!runs).then(|| name.to_owned()))
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
            let [name, triple, shows, packages] = [""; 4];
            let platform = Platform { name, triple, shows, runner, linker, packages };
            let missing = missing_to_run(&Shell::new().unwrap(), &platform).unwrap();
            assert_eq!(missing.as_deref(), expected);
        }
    }
}
