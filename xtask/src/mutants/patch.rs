//! The protocol mutants: patches in xtask/mutants, whose README.md tells how to write one.

use std::fs;

use anyhow::{Context, Result, bail, ensure};
use cargo_metadata::camino::{Utf8Path, Utf8PathBuf};
use walkdir::WalkDir;

use super::mutant::{Kind, Mutant};

/// A unified diff of one file under a header of text.
#[derive(Default)]
struct Patch<'a> {
    file: &'a str,
    /// Their lines, each with its sign.
    hunks: Vec<Vec<&'a str>>,
    is_quick: bool,
    is_equivalent: bool,
}

/// Reads all patches. One that does not apply is an error, which names it.
pub(super) fn load(root: &Utf8Path) -> Result<Vec<Mutant>> {
    let directory = root.join("xtask/mutants");
    let (mut mutants, mut stale) = (Vec::new(), Vec::new());
    for entry in WalkDir::new(&directory).sort_by_file_name() {
        let path = Utf8PathBuf::try_from(entry?.into_path())?;
        if path.extension() == Some("patch") {
            match mutant(root, &directory, &path) {
                Ok(mutant) => mutants.push(mutant),
                Err(error) => stale.push(format!("{}: {error:#}", path.strip_prefix(root)?)),
            }
        }
    }
    ensure!(stale.is_empty(), "{} patches do not apply:\n{}", stale.len(), stale.join("\n"));
    Ok(mutants)
}

fn mutant(root: &Utf8Path, directory: &Utf8Path, path: &Utf8Path) -> Result<Mutant> {
    let patch = fs::read_to_string(path)?;
    let Patch { file, hunks, is_quick, is_equivalent } = Patch::parse(&patch)?;
    let original = fs::read_to_string(root.join(file)).with_context(|| file.to_owned())?;
    let text = hunks.iter().try_fold(original, |text, hunk| apply(&text, hunk))?;
    let name = path.strip_prefix(directory)?.with_extension("").as_str().replace('\\', "/");
    let mutant = Mutant::new(Kind::Protocol, name, file, text)?;
    Ok(Mutant { is_quick, is_equivalent, ..mutant })
}

impl<'a> Patch<'a> {
    /// The numbers in `@@ … @@` are ignored.
    fn parse(text: &'a str) -> Result<Self> {
        let (header, diff) = text.split_once("\n--- a/").context("no diff of a file")?;
        let mut patch = Self::default();
        let description = header.lines().next().unwrap_or_default();
        ensure!(!description.is_empty() && !description.starts_with("diff "), "no description");
        for line in header.lines() {
            patch.is_quick |= line == "Quick";
            patch.is_equivalent |= line.starts_with("Equivalent: ");
        }
        for line in diff.lines().skip(1) {
            if let Some(file) = line.strip_prefix("+++ b/") {
                ensure!(patch.file.is_empty(), "changes several files");
                patch.file = file;
            } else if line.starts_with("@@ ") {
                patch.hunks.push(Vec::new());
            } else if let Some(hunk) = patch.hunks.last_mut() {
                ensure!(line.is_empty() || line.starts_with([' ', '-', '+']), "no diff: {line}");
                hunk.push(line);
            }
        }
        ensure!(!patch.hunks.is_empty(), "changes nothing");
        Ok(patch)
    }
}

/// Makes one change in `text`, at the only place that has the context and the removed lines. For that,
/// comments, empty lines and indentation do not count, so that a patch outlives a reworded comment.
fn apply(text: &str, hunk: &[&str]) -> Result<String> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let places: Vec<usize> = (0..lines.len()).filter(|&at| !code(lines[at]).is_empty()).collect();
    let old = hunk.iter().filter(|line| !line.starts_with('+')).map(|line| code(unsigned(line)));
    let old: Vec<&str> = old.filter(|code| !code.is_empty()).collect();
    ensure!(!old.is_empty(), "a change without context");
    let matches =
        |places: &&[usize]| places.iter().zip(&old).all(|(&at, old)| code(lines[at]) == *old);
    let found: Vec<&[usize]> = places.windows(old.len()).filter(matches).collect();
    let [place] = found[..] else {
        bail!("{} places match, not one: `{}`", found.len(), old.join(" "));
    };

    // Comments around the place are the file's.
    let is_relevant = |line: &str| line.starts_with(['-', '+']) || !code(unsigned(line)).is_empty();
    let start = hunk.iter().position(|line| is_relevant(line)).unwrap_or(0);
    let end = hunk.iter().rposition(|line| is_relevant(line)).unwrap_or(0);
    let new = hunk[start..=end].iter().filter(|line| !line.starts_with('-'));
    let new: String = new.map(|line| format!("{}\n", unsigned(line))).collect();
    let (before, after) = (&lines[..place[0]], &lines[place[place.len() - 1] + 1..]);
    let changed = [&before.concat(), &*new, &after.concat()].concat();
    ensure!(changed != text, "changes nothing");
    Ok(changed)
}

/// A line of a hunk without its sign.
fn unsigned(line: &str) -> &str {
    line.get(1..).unwrap_or_default()
}

/// A line without its comment and indentation.
fn code(line: &str) -> &str {
    line.split_once("//").map_or(line, |(code, _)| code).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "fn one() {\n    // why\n    a();\n    b(); // twice\n    b();\n}\n";

    #[test]
    fn change_is_made_at_the_only_place_that_matches() {
        let patched = |hunk: &[&str]| apply(TEXT, hunk).ok();
        let with = |old: &str, new: &str| Some(TEXT.replacen(old, new, 1));
        assert_eq!(patched(&["-    a();", "+    c();"]), with("a();", "c();"));
        assert_eq!(patched(&["     a();", "-    b();"]), with("    b(); // twice\n", ""));
        assert_eq!(patched(&["     b();", " }", "+fn two() {}"]), with("}\n", "}\nfn two() {}\n"));
        assert_eq!(patched(&["+    c();", "     a();"]), with("    a();", "    c();\n    a();"));
        // Reworded comments and other indentation do not matter.
        let hunk = [" // reworded", "-a(); // too", "+    c();", " // reworded"];
        assert_eq!(patched(&hunk), with("a();", "c();"));
        // Stale, ambiguous, without context, and without effect.
        for hunk in [&["-c();"][..], &["-b();"], &[" // why", "+c();"], &["-    a();", "+    a();"]]
        {
            assert_eq!(patched(hunk), None, "{hunk:?}");
        }
    }

    #[test]
    fn header_describes_marks_and_argues() {
        let diff = "\n--- a/one.rs\n+++ b/one.rs\n@@ -1 +1 @@\n-a\n+b\n";
        let parse = |header: &str| {
            let text = format!("{header}{diff}");
            Patch::parse(&text).map(|patch| (patch.is_quick, patch.is_equivalent)).ok()
        };
        assert_eq!(parse("Breaks it.\n"), Some((false, false)));
        assert_eq!(parse("Breaks it.\nQuick\n"), Some((true, false)));
        assert_eq!(parse("Breaks it.\nEquivalent: it does not.\n"), Some((false, true)));
        for header in ["", "diff --git a/one.rs b/one.rs\n", &format!("Breaks two.\n{diff}")] {
            assert_eq!(parse(header), None, "{header}");
        }
    }
}
