//! What a mutant is: the workspace with one source file changed.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use clap::ValueEnum;

use crate::workspace::PUBLISHED;

/// Where a mutant comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Kind {
    /// A memory ordering is one step weaker.
    Ordering,
    /// A patch in xtask/mutants that breaks the protocol.
    Protocol,
    /// By cargo-mutants, which knows nothing of the protocol.
    Ordinary,
}

/// One change of one source file.
#[derive(Clone, Debug)]
pub(super) struct Mutant {
    pub(super) kind: Kind,
    /// Unique. `path/of/file.rs: change` if it is generated, else the path of its patch.
    pub(super) name: String,
    /// The published crate that is changed.
    pub(super) package: &'static str,
    /// From the root of the workspace, with `/`.
    pub(super) file: String,
    /// The content of the file with the change.
    pub(super) text: String,
    /// Whether a quick run tries it too.
    pub(super) is_quick: bool,
    /// Whether an argument says that no check can detect it.
    pub(super) is_equivalent: bool,
}

impl Mutant {
    /// A change of a source of a published crate.
    pub(super) fn new(kind: Kind, name: String, file: &str, text: String) -> Result<Self> {
        let (directory, _) = file.split_once("/src/").unwrap_or_default();
        let package = PUBLISHED.into_iter().find(|package| *package == directory);
        let package = package.with_context(|| format!("{file} is not published"))?;
        let is_quick = kind == Kind::Ordering;
        let file = file.to_owned();
        Ok(Self { kind, name, package, file, text, is_quick, is_equivalent: false })
    }
}

/// Adds ` #2`, ` #3` and so on to names that have occurred before.
pub(super) fn number_repeated(mutants: &mut [Mutant]) {
    let mut seen = BTreeMap::new();
    for mutant in mutants {
        let count = seen.entry(mutant.name.clone()).or_insert(0);
        *count += 1;
        if *count > 1 {
            mutant.name.push_str(&format!(" #{count}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_names_are_numbered() {
        let mutant = |name: &str| {
            let file = "rsevents/src/one.rs";
            Mutant::new(Kind::Ordinary, name.to_owned(), file, String::new()).unwrap()
        };
        let mut mutants = ["a", "b", "a"].map(mutant);
        number_repeated(&mut mutants);
        assert_eq!(mutants.map(|mutant| mutant.name), ["a", "b", "a #2"]);
    }
}
