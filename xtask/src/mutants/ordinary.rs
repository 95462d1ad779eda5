//! The mutants that cargo-mutants lists: results replaced, operators exchanged, arms deleted. It only
//! lists them. Its own runner knows of no models.

use std::fs;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use xshell::cmd;

use super::mutant::{Kind, Mutant, number_repeated};
use super::sources::is_changed;
use crate::tool;
use crate::workspace::{Workspace, select_published};

/// A mutant as cargo-mutants describes it, as far as that is needed.
#[derive(Deserialize)]
struct Listed {
    file: String,
    /// `file:line:column: what is changed`
    name: String,
    replacement: String,
    span: Span,
}

#[derive(Deserialize)]
struct Span {
    start: Place,
    end: Place,
}

/// Both count from one.
#[derive(Deserialize)]
struct Place {
    line: usize,
    column: usize,
}

/// Lists them, or says that it cannot and returns `None`.
pub(super) fn list(workspace: &Workspace) -> Result<Option<Vec<Mutant>>> {
    let shell = &workspace.shell;
    if !tool::has_cargo(shell, "mutants") {
        eprintln!(
            "ordinary mutants skipped: no cargo-mutants (cargo install cargo-mutants --locked)"
        );
        return Ok(None);
    }
    let packages = select_published();
    let listing = cmd!(shell, "cargo mutants --list --json {packages...}").quiet().read()?;
    let read = |file: &str| {
        fs::read_to_string(workspace.root().join(file)).with_context(|| file.to_owned())
    };
    Ok(Some(parse(&listing, read)?))
}

fn parse(listing: &str, read: impl Fn(&str) -> Result<String>) -> Result<Vec<Mutant>> {
    let listed: Vec<Listed> = serde_json::from_str(listing)?;
    ensure!(!listed.is_empty(), "cargo-mutants lists no mutants");
    let mut mutants = Vec::new();
    for listed in listed {
        let text = read(&listed.file)?;
        mutants.push(listed.mutant(&text)?);
    }
    number_repeated(&mut mutants);
    Ok(mutants)
}

impl Listed {
    fn mutant(self, text: &str) -> Result<Mutant> {
        let Self { file, name, replacement, span } = self;
        ensure!(is_changed(&file), "{name}: should be excluded in .cargo/mutants.toml");
        let (start, end) = (offset(text, &span.start), offset(text, &span.end));
        let span = start.zip(end).with_context(|| format!("{name}: no such place"))?;
        Ok(Mutant {
            kind: Kind::Ordinary,
            // Without the place, which is another one after every change of the file.
            change: name.splitn(4, ':').last().unwrap_or_default().trim().to_owned(),
            file,
            span: span.0..span.1,
            replacement,
            is_quick: false,
        })
    }
}

/// How many bytes there are before a place.
fn offset(text: &str, place: &Place) -> Option<usize> {
    let mut lines = text.split_inclusive('\n');
    let before: usize = lines.by_ref().take(place.line - 1).map(str::len).sum();
    let line = lines.next()?;
    let column =
        line.char_indices().map(|(byte, _)| byte).chain([line.len()]).nth(place.column - 1);
    Some(before + column?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "// ≤\nfn is_set() -> bool {\n    a == b && c == d\n}\n";

    fn listed(name: &str, from: (usize, usize), to: (usize, usize)) -> String {
        format!(
            r#"{{"name": "rsevents/src/state.rs:{name}", "file": "rsevents/src/state.rs",
                "genre": "BinaryOperator", "package": "rsevents", "replacement": "!=", "span":
                {{"start": {{"line": {}, "column": {}}}, "end": {{"line": {}, "column": {}}}}}}}"#,
            from.0, from.1, to.0, to.1
        )
    }

    fn parsed(listing: &str) -> Result<Vec<Mutant>> {
        parse(listing, |_| Ok(TEXT.to_owned()))
    }

    #[test]
    fn listing_becomes_mutants() {
        let first = listed("3:7: replace == with != in is_set", (3, 7), (3, 9));
        let second = listed("3:17: replace == with != in is_set", (3, 17), (3, 19));
        let mutants = parsed(&format!("[{first}, {second}]")).unwrap();
        let [first, second] = &mutants[..] else { panic!("two are listed") };
        assert_eq!(first.name(), "rsevents/src/state.rs: replace == with != in is_set");
        assert_eq!(second.change, "replace == with != in is_set #2");
        assert!(first.apply(TEXT).contains("a != b && c == d"));
        assert!(second.apply(TEXT).contains("a == b && c != d"));
    }

    #[test]
    fn colons_in_the_name_stay() {
        let name = "2:1: replace is_set -> fmt::Result with Ok(())";
        let mutants = parsed(&format!("[{}]", listed(name, (2, 1), (2, 3)))).unwrap();
        assert_eq!(mutants[0].change, "replace is_set -> fmt::Result with Ok(())");
    }

    #[test]
    fn nothing_and_nonsense_are_errors() {
        assert!(parsed("[]").is_err());
        assert!(parsed("[{}]").is_err());
        assert!(parsed(&format!("[{}]", listed("9:1: replace", (9, 1), (9, 2)))).is_err());
    }

    #[test]
    fn columns_count_characters() {
        let place = |line, column| Place { line, column };
        assert_eq!(offset(TEXT, &place(1, 4)), Some(3));
        assert_eq!(offset(TEXT, &place(1, 5)), Some(6));
        assert_eq!(offset(TEXT, &place(2, 1)), Some(7));
        assert_eq!(offset(TEXT, &place(1, 9)), None);
    }
}
