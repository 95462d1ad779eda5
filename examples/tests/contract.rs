//! What is read from the sources: that `docs/contract.md` lists each test under the cases that its name begins with,
//! and that nothing behaves otherwise where it is checked.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(name)
}

/// The names in `text` that begin with numbers of cases, such as `cN_cM_last_tick`, with each number.
fn tests_by_case(text: &str) -> BTreeSet<(String, String)> {
    let mut tests = BTreeSet::new();
    for name in text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
        let mut rest = name;
        while let Some((case, after)) = rest.strip_prefix('c').and_then(|it| it.split_once('_'))
            && case.starts_with(|c: char| c.is_ascii_digit())
            && !after.is_empty()
        {
            tests.insert((case.trim_start_matches('0').to_owned(), name.to_owned()));
            rest = after;
        }
    }
    tests
}

#[test]
fn the_document_and_the_tests_agree() {
    let mut listed = BTreeSet::new();
    let document = fs::read_to_string(folder("docs/contract.md")).unwrap();
    for row in document.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let (case, tests) = (cells[1], cells[3]);
        assert!(!tests.is_empty(), "case {case} has no test and does not say why");
        let tests = tests_by_case(tests);
        for (_, name) in &tests {
            let has_case = tests.contains(&(case.to_owned(), name.clone()));
            assert!(has_case, "case {case} lists {name}");
        }
        listed.extend(tests.into_iter().filter(|(number, _)| number == case));
    }
    let mut existing = BTreeSet::new();
    let folders = ["rsevents/tests", "rsevents-extra/tests", "examples/tests"].map(folder);
    for entry in folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap()) {
        let path = entry.unwrap().path();
        if path.is_file() {
            existing.extend(tests_by_case(&fs::read_to_string(path).unwrap()));
        }
    }
    let wrong: Vec<_> = listed.symmetric_difference(&existing).collect();
    assert!(wrong.is_empty(), "in docs/contract.md or in the tests, but not in both: {wrong:#?}");
}

/// 107: no source asks how it is built or run, but to declare a module of tests. (The configuration of loom is the
/// business of `sync`, and changes the primitives only.)
#[test]
fn c107_no_source_asks_whether_it_is_checked() {
    let mut folders = ["rsevents/src", "rsevents-extra/src"].map(folder).to_vec();
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            files += 1;
            let source = fs::read_to_string(&path).unwrap();
            let mut lines = source.lines().map(str::trim);
            while let Some(line) = lines.next() {
                if line == "#[cfg(test)]" {
                    // Other attributes may be between.
                    let item = lines.clone().find(|line| line.ends_with([';', '{'])).unwrap();
                    assert!(item.contains("mod "), "{path:?}: {line} {item}");
                    continue;
                }
                let asks = line.contains("debug_assert")
                    || line.contains("cfg") && (line.contains("miri") || line.contains("(test"));
                assert!(!asks || line.starts_with("//"), "{path:?}: {line}");
            }
        }
    }
    assert!(files > 30, "found {files} files");
}
