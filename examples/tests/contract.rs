//! `docs/contract.md` lists each test under the cases that the name of the test begins with.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

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
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut listed = BTreeSet::new();
    let document = fs::read_to_string(root.join("docs/contract.md")).unwrap();
    for row in document.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let (case, tests) = (cells[1], cells[3]);
        assert!(!tests.is_empty(), "case {case} has no test and does not say why");
        listed.extend(tests_by_case(tests).into_iter().filter(|(number, _)| number == case));
    }
    let mut existing = BTreeSet::new();
    let folders = ["rsevents/tests", "rsevents-extra/tests", "examples/tests"]
        .map(|folder| root.join(folder));
    for entry in folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap()) {
        let path = entry.unwrap().path();
        if path.is_file() {
            existing.extend(tests_by_case(&fs::read_to_string(path).unwrap()));
        }
    }
    let wrong: Vec<_> = listed.symmetric_difference(&existing).collect();
    assert!(wrong.is_empty(), "in docs/contract.md or in the tests, but not in both: {wrong:#?}");
}
