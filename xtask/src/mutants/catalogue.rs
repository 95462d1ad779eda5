//! `catalogue.toml`: our own mutants of the protocol, and why some mutants need not be noticed.

use std::fs;

use anyhow::{Context, Result, ensure};
use cargo_metadata::camino::Utf8Path;
use serde::Deserialize;

use super::mutant::{Kind, Mutant};
use super::sources::is_changed;

/// The file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Catalogue {
    #[serde(default)]
    mutant: Vec<Entry>,
    #[serde(default)]
    pub(super) equivalent: Vec<Equivalent>,
}

/// A mutant that nothing can notice.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Equivalent {
    /// Its name as the table has it.
    pub(super) mutant: String,
    pub(super) why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    file: String,
    /// What is to be replaced, exactly.
    find: String,
    #[serde(default)]
    replace: String,
    /// Which of them, from one, where `find` occurs several times.
    occurrence: Option<usize>,
    #[serde(default)]
    quick: bool,
}

impl Catalogue {
    /// Reads the committed file.
    pub(super) fn load(root: &Utf8Path) -> Result<Self> {
        let file = "xtask/src/mutants/catalogue.toml";
        let text = fs::read_to_string(root.join(file)).context(file)?;
        let catalogue: Self = toml::from_str(&text).context(file)?;
        for equivalent in &catalogue.equivalent {
            let (name, why) = (&equivalent.mutant, equivalent.why.trim());
            ensure!(!why.is_empty(), "{file}: no reason why `{name}` is equivalent");
        }
        Ok(catalogue)
    }

    /// The mutants in it. An entry that does not fit the sources is an error.
    pub(super) fn mutants(&self, root: &Utf8Path) -> Result<Vec<Mutant>> {
        let mutant = |entry: &Entry| -> Result<Mutant> {
            ensure!(
                is_changed(&entry.file),
                "{}: {} is no source to change",
                entry.name,
                entry.file
            );
            let text = fs::read_to_string(root.join(&entry.file)).context(entry.file.clone())?;
            entry.mutant(&text)
        };
        self.mutant.iter().map(mutant).collect()
    }
}

impl Entry {
    fn mutant(&self, text: &str) -> Result<Mutant> {
        let start = self.place(text).with_context(|| format!("{}: {}", self.file, self.name))?;
        ensure!(self.find != self.replace, "{}: {} changes nothing", self.file, self.name);
        Ok(Mutant {
            kind: Kind::Protocol,
            file: self.file.clone(),
            change: self.name.clone(),
            span: start..start + self.find.len(),
            replacement: self.replace.clone(),
            is_quick: self.quick,
        })
    }

    /// Where in `text` the replacement begins.
    fn place(&self, text: &str) -> Result<usize> {
        let places: Vec<usize> = text.match_indices(&self.find).map(|(place, _)| place).collect();
        let count = places.len();
        let Some(occurrence) = self.occurrence else {
            ensure!(count == 1, "found {count} times, not once: `{}`", self.find);
            return Ok(places[0]);
        };
        let place = occurrence.checked_sub(1).and_then(|index| places.get(index));
        ensure!(count > 1, "found {count} times, so it needs no `occurrence`: `{}`", self.find);
        place.copied().with_context(|| format!("found only {count} times: `{}`", self.find))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::workspace::Workspace;

    fn entry(find: &str, occurrence: Option<usize>) -> Entry {
        Entry {
            name: "one".to_owned(),
            file: "rsevents/src/one.rs".to_owned(),
            find: find.to_owned(),
            replace: "new".to_owned(),
            occurrence,
            quick: false,
        }
    }

    fn mutated(find: &str, occurrence: Option<usize>) -> Result<String> {
        let text = "old, older; young";
        Ok(entry(find, occurrence).mutant(text)?.apply(text))
    }

    #[test]
    fn committed_catalogue_fits_the_sources() {
        let workspace = Workspace::load().unwrap();
        let catalogue = Catalogue::load(workspace.root()).unwrap();
        let mutants = catalogue.mutants(workspace.root()).unwrap();
        assert!(mutants.len() > 80, "the catalogue has shrunk to {}", mutants.len());
        let names: BTreeSet<String> = mutants.iter().map(Mutant::name).collect();
        assert_eq!(names.len(), mutants.len(), "two mutants have one name");
    }

    #[test]
    fn text_that_occurs_once_is_replaced() {
        assert_eq!(mutated("young", None).unwrap(), "old, older; new");
        assert_eq!(mutated("older; ", None).unwrap(), "old, newyoung");
    }

    #[test]
    fn occurrence_chooses_among_several() {
        assert_eq!(mutated("old", Some(1)).unwrap(), "new, older; young");
        assert_eq!(mutated("old", Some(2)).unwrap(), "old, newer; young");
    }

    #[test]
    fn stale_entries_are_errors() {
        for (find, occurrence) in
            [("gone", None), ("old", None), ("old", Some(3)), ("old", Some(0)), ("young", Some(1))]
        {
            assert!(mutated(find, occurrence).is_err(), "{find} {occurrence:?}");
        }
    }

    #[test]
    fn change_that_changes_nothing_is_an_error() {
        let mut same = entry("young", None);
        same.replace = "young".to_owned();
        assert!(same.mutant("young").is_err());
    }
}
