//! The sources that are changed: those of the published crates that users run.

use std::fs;

use anyhow::Result;
use cargo_metadata::camino::{Utf8Path, Utf8PathBuf};
use walkdir::WalkDir;

use crate::workspace::PUBLISHED;

/// What tests look like, and the primitives of other backends than the real one: a change there proves
/// nothing.
const LEFT_ALONE: [&str; 7] =
    ["scenarios", "testing.rs", "tests.rs", "model", "model.rs", "delayed", "delayed.rs"];

/// A source file.
pub(super) struct Source {
    /// From the root of the workspace, with `/`.
    pub(super) file: String,
    /// Up to the unit tests.
    pub(super) text: String,
}

/// All of them, by name.
pub(super) fn all(root: &Utf8Path) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    for package in PUBLISHED {
        for entry in WalkDir::new(root.join(package).join("src")).sort_by_file_name() {
            let path = Utf8PathBuf::try_from(entry?.into_path())?;
            let file = path.strip_prefix(root)?.as_str().replace('\\', "/");
            if is_changed(&file) {
                let text = fs::read_to_string(path)?;
                sources.push(Source { file, text: without_tests(&text).to_owned() });
            }
        }
    }
    Ok(sources)
}

/// Whether a file is one of those.
pub(super) fn is_changed(file: &str) -> bool {
    file.ends_with(".rs") && !file.split('/').any(|part| LEFT_ALONE.contains(&part))
}

fn without_tests(text: &str) -> &str {
    text.split_once("#[cfg(test)]\nmod tests {").map_or(text, |(before, _)| before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_and_other_backends_are_left_alone() {
        assert!(is_changed("rsevents/src/raw/mod.rs"));
        assert!(is_changed("rsevents/src/sync/real.rs"));
        for file in [
            "rsevents/src/raw/scenarios/auto.rs",
            "rsevents/src/spin/tests.rs",
            "rsevents/src/sync/model.rs",
            "rsevents/src/sync/model/testing.rs",
            "rsevents/src/sync/delayed/delay.rs",
            "rsevents/src/sync/real/testing.rs",
            "rsevents/src/notes.md",
        ] {
            assert!(!is_changed(file), "{file}");
        }
    }

    #[test]
    fn unit_tests_are_cut_off() {
        assert_eq!(without_tests("code\n\n#[cfg(test)]\nmod tests {\n"), "code\n\n");
        let elsewhere = "#[cfg(test)]\nmod tests;\n\n#[cfg(test)]\nmod filter {\n";
        assert_eq!(without_tests(elsewhere), elsewhere);
    }
}
