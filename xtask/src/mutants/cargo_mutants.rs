//! The mutants that cargo-mutants lists: results replaced, operators exchanged, arms deleted. It only lists
//! them, as its own runner knows no models.

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use xshell::cmd;

use super::{Kind, Mutant};
use crate::tool;
use crate::workspace::{Workspace, select_published};

/// A mutant as cargo-mutants describes it, as far as that is needed.
#[derive(Deserialize)]
struct Listed {
    file: String,
    /// `file:line:column: change`
    name: String,
    replacement: String,
    span: Span,
}

#[derive(Deserialize)]
struct Span {
    start: Place,
    end: Place,
}

/// Both count from one; columns count characters.
#[derive(Deserialize)]
struct Place {
    line: usize,
    column: usize,
}

/// What is said where they cannot be listed.
pub(super) const SKIPPED: &str =
    "mutants of cargo-mutants skipped: cargo install cargo-mutants --locked";

/// Lists them, or returns `None` where the tool is missing.
pub(super) fn list(workspace: &Workspace) -> Result<Option<Vec<Mutant>>> {
    let shell = &workspace.shell;
    if !tool::has_cargo(shell, "mutants") {
        return Ok(None);
    }
    let packages = select_published();
    let listing = cmd!(shell, "cargo mutants --list --json {packages...}").quiet().read()?;
    let listed: Vec<Listed> = serde_json::from_str(&listing)?;
    ensure!(!listed.is_empty(), "cargo-mutants lists no mutants");
    let mutant = |listed: &Listed| listed.mutant(shell.read_file(&listed.file)?);
    listed.iter().map(mutant).collect::<Result<_>>().map(Some)
}

impl Listed {
    fn mutant(&self, mut text: String) -> Result<Mutant> {
        let (start, end) = (self.span.start.offset(&text), self.span.end.offset(&text));
        let (start, end) =
            start.zip(end).with_context(|| format!("{}: no such place", self.name))?;
        text.replace_range(start..end, &self.replacement);
        // Without the place, which moves with every change of the file.
        let change = self.name.splitn(4, ':').last().unwrap_or_default().trim();
        Mutant::new(Kind::CargoMutants, &format!("{}: {change}", self.file), &self.file, text)
    }
}

impl Place {
    /// How many bytes precede it.
    fn offset(&self, text: &str) -> Option<usize> {
        let mut lines = text.split_inclusive('\n');
        let before: usize = lines.by_ref().take(self.line - 1).map(str::len).sum();
        let (column, _) = lines.next()?.char_indices().nth(self.column - 1)?;
        Some(before + column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn span_of_the_listing_is_replaced() {
        let text = "// not here\n/* ≤ */ a == b && c == d\n";
        let mutated = |column| {
            let [start, end] = [column, column + 2].map(|column| Place { line: 2, column });
            let span = Span { start, end };
            let (file, replacement) = ("rsevents/src/one.rs".to_owned(), "!=".to_owned());
            let name = format!("{file}:2:{column}: replace == in <impl T>::f");
            Listed { file, name, replacement, span }.mutant(text.to_owned())
        };
        let mutant = mutated(21).unwrap();
        assert_eq!(mutant.name, "rsevents/src/one.rs: replace == in <impl T>::f");
        assert_eq!(mutant.text, text.replace("c == d", "c != d"));
        assert!(mutated(90).is_err());
    }
}
