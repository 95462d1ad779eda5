//! The protocol mutants: patches in xtask/mutants, whose README.md tells how to write one.

use std::fs;

use anyhow::{Context, Result, bail, ensure};
use cargo_metadata::camino::{Utf8Path, Utf8PathBuf};
use walkdir::WalkDir;

use super::{Kind, Mutant};

/// Reads all patches. Fails with the names of those that do not apply.
pub(super) fn load(root: &Utf8Path) -> Result<Vec<Mutant>> {
    let directory = root.join("xtask/mutants");
    let (mut mutants, mut stale) = (Vec::new(), Vec::new());
    for entry in WalkDir::new(&directory).sort_by_file_name() {
        let path = Utf8PathBuf::try_from(entry?.into_path())?;
        if path.extension() == Some("patch") {
            let name = path.strip_prefix(&directory)?.with_extension("");
            let name = name.as_str().replace('\\', "/");
            let read = |file: &str| Ok(fs::read_to_string(root.join(file))?);
            match mutant(&name, &fs::read_to_string(&path)?, read) {
                Ok(mutant) => mutants.push(mutant),
                Err(error) => stale.push(format!("{name}: {error:#}")),
            }
        }
    }
    ensure!(stale.is_empty(), "{} patches do not apply:\n{}", stale.len(), stale.join("\n"));
    Ok(mutants)
}

/// The mutant of a unified diff of one file under a header of text. `@@ … @@` only separates hunks.
fn mutant(name: &str, patch: &str, read: impl Fn(&str) -> Result<String>) -> Result<Mutant> {
    let (header, diff) = patch.split_once("\n--- a/").context("no diff under a header")?;
    let is_described = !header.is_empty() && !header.starts_with(['\n', '-']);
    ensure!(is_described && !header.starts_with("diff "), "no description");
    let (file, hunks) = diff.split_once("\n+++ b/").context("no diff of a file")?;
    ensure!(hunks.contains("\n@@ "), "changes nothing");
    let original = read(file).with_context(|| file.to_owned())?;
    let text = hunks
        .split("\n@@ ")
        .skip(1)
        .try_fold(original, |text, hunk| apply(&text, &hunk.lines().skip(1).collect::<Vec<_>>()))?;
    let mutant = Mutant::new(Kind::Protocol, name, file, text)?;
    Ok(Mutant {
        is_quick: header.lines().any(|line| line == "Quick"),
        is_equivalent: header.lines().any(|line| line.starts_with("Equivalent: ")),
        ..mutant
    })
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
    let is_relevant =
        |line: &&str| line.starts_with(['-', '+']) || !code(unsigned(line)).is_empty();
    let start = hunk.iter().position(is_relevant).unwrap_or(0);
    let end = hunk.iter().rposition(is_relevant).unwrap_or(0);
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
        assert_eq!(patched(&["     a();", "-    b();"]), with("    b(); // twice\n", ""));
        assert_eq!(patched(&["     b();", " }", "+fn two() {}"]), with("}\n", "}\nfn two() {}\n"));
        // Reworded comments and other indentation do not matter.
        let hunk = [" // reworded", "-a(); // too", "+    c();", " // reworded"];
        assert_eq!(patched(&hunk), with("a();", "c();"));
        // Stale, ambiguous, and without context.
        for hunk in [&["-c();"][..], &["-b();"], &[" // why", "+c();"]] {
            assert_eq!(patched(hunk), None, "{hunk:?}");
        }
    }

    #[test]
    fn header_describes_the_mutant() {
        let diff =
            "\n--- a/rsevents/src/one.rs\n+++ b/rsevents/src/one.rs\n@@ -1 +1 @@\n-a();\n+c();\n";
        let parse = |patch: String| mutant("one", &patch, |_| Ok(TEXT.to_owned()));
        let quick = parse(format!("Breaks it.\nQuick\n{diff}")).unwrap();
        assert!(quick.is_quick && !quick.is_equivalent);
        let equivalent = parse(format!("Breaks it.\nEquivalent: it does not.\n{diff}")).unwrap();
        assert!(equivalent.is_equivalent && !equivalent.is_quick);
        for header in ["", "diff --git a/one.rs b/one.rs\n", &*format!("Breaks two.\n{diff}")] {
            assert!(parse(format!("{header}{diff}")).is_err(), "{header}");
        }
        assert!(parse(format!("Breaks nothing.\n{}", diff.replace("+c", "+    a"))).is_err());
    }
}
