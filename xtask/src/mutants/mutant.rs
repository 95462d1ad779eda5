//! What a mutant is: the workspace with one thing changed.

use std::collections::BTreeMap;
use std::ops::Range;

use clap::ValueEnum;

use crate::workspace::PUBLISHED;

/// Where a mutant comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Kind {
    /// A memory ordering is one step weaker.
    Ordering,
    /// From our own catalogue of what may go wrong in the protocol.
    Protocol,
    /// By cargo-mutants, which knows nothing of the protocol.
    Ordinary,
}

/// One change of one source file.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mutant {
    pub(super) kind: Kind,
    /// From the root of the workspace, with `/`.
    pub(super) file: String,
    /// In words. Unique among the changes of this file after [`number_repeated`].
    pub(super) change: String,
    /// The bytes of the file that are replaced.
    pub(super) span: Range<usize>,
    pub(super) replacement: String,
    /// Whether it is tried in a quick run as well.
    pub(super) is_quick: bool,
}

impl Kind {
    /// In one word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Kind::Ordering => "ordering",
            Kind::Protocol => "protocol",
            Kind::Ordinary => "ordinary",
        }
    }
}

impl Mutant {
    /// `path/of/file.rs: what is changed`
    pub(super) fn name(&self) -> String {
        format!("{}: {}", self.file, self.change)
    }

    /// The published crate that is changed.
    pub(super) fn package(&self) -> &'static str {
        let (directory, _) = self.file.split_once('/').unwrap_or_default();
        let package = PUBLISHED.into_iter().find(|package| *package == directory);
        package
            .expect("only published crates are changed, and each is in the directory of its name")
    }

    /// The file with the change.
    pub(super) fn apply(&self, text: &str) -> String {
        let Range { start, end } = self.span;
        [&text[..start], &self.replacement, &text[end..]].concat()
    }
}

/// Adds ` #2`, ` #3` and so on to changes that have the same name as one before.
pub(super) fn number_repeated(mutants: &mut [Mutant]) {
    let mut seen = BTreeMap::new();
    for mutant in mutants {
        let count = seen.entry(mutant.name()).or_insert(0);
        *count += 1;
        if *count > 1 {
            mutant.change.push_str(&format!(" #{count}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mutant(change: &str) -> Mutant {
        Mutant {
            kind: Kind::Ordinary,
            file: "rsevents/src/state.rs".to_owned(),
            change: change.to_owned(),
            span: 4..6,
            replacement: "!=".to_owned(),
            is_quick: false,
        }
    }

    #[test]
    fn change_is_applied_to_its_bytes() {
        assert_eq!(mutant("").apply("one == two == three"), "one != two == three");
        assert_eq!(mutant("").package(), "rsevents");
    }

    #[test]
    fn repeated_names_are_numbered() {
        let mut mutants = ["a", "b", "a", "a"].map(mutant);
        number_repeated(&mut mutants);
        assert_eq!(mutants.map(|mutant| mutant.change), ["a", "b", "a #2", "a #3"]);
    }
}
