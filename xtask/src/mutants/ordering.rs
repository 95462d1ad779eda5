//! Mutants with a weaker memory ordering, made from the sources themselves.

use std::fs;

use anyhow::{Result, bail};
use cargo_metadata::camino::{Utf8Path, Utf8PathBuf};
use walkdir::WalkDir;

use super::{Kind, Mutant};
use crate::workspace::PUBLISHED;

const PREFIX: &str = "Ordering::";

/// Tests, and the primitives of other backends than the real one: a change there proves nothing.
const LEFT_ALONE: [&str; 7] =
    ["scenarios", "testing.rs", "tests.rs", "model", "model.rs", "delayed", "delayed.rs"];

/// Every ordering in the sources of the published crates, weakened by one step.
pub(super) fn generate(root: &Utf8Path) -> Result<Vec<Mutant>> {
    let mut mutants = Vec::new();
    for package in PUBLISHED {
        for entry in WalkDir::new(root.join(package).join("src")).sort_by_file_name() {
            let path = Utf8PathBuf::try_from(entry?.into_path())?;
            let file = path.strip_prefix(root)?.as_str().replace('\\', "/");
            let is_left_alone = file.split('/').any(|part| LEFT_ALONE.contains(&part));
            if file.ends_with(".rs") && !is_left_alone {
                mutants.extend(of_source(&file, &fs::read_to_string(path)?)?);
            }
        }
    }
    Ok(mutants)
}

fn of_source(file: &str, text: &str) -> Result<Vec<Mutant>> {
    let mut mutants = Vec::new();
    let mut function = "";
    let mut line_start = 0;
    for line in text.split_inclusive('\n') {
        let code = line.split_once("//").map_or(line, |(code, _)| code);
        function = code.split_once("fn ").map_or(function, |(_, name)| word(name));
        for (place, _) in code.match_indices(PREFIX) {
            let start = line_start + place + PREFIX.len();
            let ordering = word(&text[start..]);
            for weaker in weaker(ordering)? {
                let mut changed = text.to_owned();
                changed.replace_range(start..start + ordering.len(), weaker);
                let name = format!("{file}: {ordering} -> {weaker} in {function}");
                mutants.push(Mutant::new(Kind::Ordering, &name, file, changed)?);
            }
        }
        line_start += line.len();
    }
    Ok(mutants)
}

/// The orderings that guarantee one thing less.
fn weaker(ordering: &str) -> Result<&'static [&'static str]> {
    Ok(match ordering {
        "AcqRel" => &["Acquire", "Release"],
        "Acquire" | "Release" => &["Relaxed"],
        "Relaxed" => &[],
        other => bail!("`{PREFIX}{other}`: say in xtask what would be weaker"),
    })
}

/// The identifier with which a text begins.
fn word(text: &str) -> &str {
    let end = text.find(|c: char| c != '_' && !c.is_alphanumeric());
    &text[..end.unwrap_or(text.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_ordering_of_the_code_is_one_step_weaker() {
        let text = "    pub(crate) fn tick(&self) {
            self.word.compare_exchange(1, 2, Ordering::AcqRel, Ordering::Relaxed); // Ordering::SeqCst
            self.word.load(Ordering::Acquire);
            self.word.store(1, Ordering::Release);
        }";
        let mutants = of_source("rsevents/src/one.rs", text).unwrap();
        let expected =
            ["AcqRel -> Acquire", "AcqRel -> Release", "Acquire -> Relaxed", "Release -> Relaxed"];
        let expected = expected.map(|change| format!("rsevents/src/one.rs: {change} in tick"));
        assert!(mutants.iter().map(|mutant| &mutant.name).eq(&expected));
        assert_eq!(mutants[1].text, text.replace("AcqRel", "Release"));
        assert!(of_source("rsevents/src/one.rs", "a.load(Ordering::SeqCst)").is_err());
    }
}
