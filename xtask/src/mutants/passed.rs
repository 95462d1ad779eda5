//! What has passed without a mutant before, and how long it took: the very same program need not prove
//! that again in every run.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use anyhow::Result;
use cargo_metadata::camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use super::check::Check;

/// Remembers in a file.
pub(super) struct Passed {
    file: Utf8PathBuf,
    known: BTreeMap<String, Pass>,
}

#[derive(Deserialize, Serialize)]
struct Pass {
    /// Of the program that ran.
    fingerprint: u64,
    time: Duration,
}

impl Passed {
    /// What is remembered in a directory. A file that cannot be read remembers nothing.
    pub(super) fn load(directory: &Utf8Path) -> Self {
        let file = directory.join("passed.json");
        let text = fs::read_to_string(&file).unwrap_or_default();
        Self { file, known: serde_json::from_str(&text).unwrap_or_default() }
    }

    /// How long a check took that this program has passed.
    pub(super) fn time(&self, check: &Check, fingerprint: u64) -> Option<Duration> {
        let pass = self.known.get(&key(check))?;
        (pass.fingerprint == fingerprint).then_some(pass.time)
    }

    /// Notes a check that has passed.
    pub(super) fn add(&mut self, check: &Check, fingerprint: u64, time: Duration) {
        self.known.insert(key(check), Pass { fingerprint, time });
    }

    /// Remembers it all.
    pub(super) fn save(&self) -> Result<()> {
        Ok(fs::write(&self.file, serde_json::to_string_pretty(&self.known)?)?)
    }
}

fn key(check: &Check) -> String {
    format!("{}: {:?}", check.package, check.look)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutants::check::Look;

    #[test]
    fn only_the_same_program_has_passed() {
        let directory = tempfile::tempdir().unwrap();
        let directory = Utf8Path::from_path(directory.path()).unwrap();
        let check = |path: &str| Check { package: "rsevents", look: Look::Model(path.to_owned()) };
        let second = Duration::from_secs(1);

        let mut passed = Passed::load(directory);
        passed.add(&check("one"), 7, second);
        passed.save().unwrap();

        let passed = Passed::load(directory);
        assert_eq!(passed.time(&check("one"), 7), Some(second));
        assert_eq!(passed.time(&check("one"), 8), None);
        assert_eq!(passed.time(&check("two"), 7), None);
    }
}
