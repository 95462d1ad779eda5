//! What rsevents has to reach: `targets.toml`, held against what can be measured.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use report::bench::{Catalog, OURS, Row, Target};
use serde::Deserialize;

/// The file of targets.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    target: Vec<Target>,
    /// The rows of the summary.
    summary: Vec<String>,
    /// The reasons, by the names that targets have for them.
    why: BTreeMap<String, String>,
}

/// The targets and the rows of the summary in `text`.
pub(crate) fn read(catalog: &Catalog, text: &str) -> Result<(Vec<Target>, Vec<String>)> {
    let File { mut target, summary, why } = toml::from_str(text)?;
    for row in &summary {
        ensure!(catalog.row(row).is_some(), "no row `{row}`");
    }
    for name in why.keys() {
        let is_used = target.iter().any(|target| target.why.as_ref() == Some(name));
        ensure!(is_used, "no target has the reason `{name}`");
    }
    for target in &mut target {
        target.compared =
            compared(catalog, target).with_context(|| format!("target {target:?}"))?;
        if let Some(name) = &mut target.why {
            *name = why.get(name).with_context(|| format!("no reason `{name}`"))?.clone();
        }
    }
    Ok((target, summary))
}

/// What a target compares with: scenario/row/contender. `*` is every other contender of the row, `contender` is
/// in the same row, `row/contender` in another one of the scenario.
fn compared(catalog: &Catalog, target: &Target) -> Result<Vec<String>> {
    let measures = |row: &Row, id: &str| row.contenders.iter().any(|entry| entry.id == id);
    let row = catalog.row(&target.row).context("no such row")?;
    ensure!(measures(row, OURS), "the row does not measure {OURS}");
    if target.of == ["*"] {
        let others = row.contenders.iter().filter(|entry| entry.id != OURS);
        return Ok(others.map(|entry| format!("{}/{}", row.id, entry.id)).collect());
    }
    let (scenario, name) = row.id.split_once('/').context("no scenario/row")?;
    let mut compared = Vec::new();
    for of in &target.of {
        let (name, contender) = of.split_once('/').unwrap_or((name, of));
        let row = catalog.row(&format!("{scenario}/{name}")).with_context(|| of.clone())?;
        ensure!(measures(row, contender), "{} does not measure {contender}", row.id);
        compared.push(format!("{}/{contender}", row.id));
    }
    Ok(compared)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    const TARGETS: &str = r#"
        target = [
            { row = "handoff/one_core", at_most = 1.5, of = ["*"], why = "less" },
            { row = "handoff/two_cores", at_most = 0.5, of = ["rsevents-0.3.1", "one_core/std-park"] },
            { row = "scale/size_auto", at_most = 1 },
        ]
        summary = ["handoff/two_cores"]
        [why]
        less = "a futex does less"
    "#;

    #[test]
    fn targets_compare_with_contenders_of_any_row() {
        let catalog = catalog();
        let others = catalog.row("handoff/one_core").unwrap().contenders.len() - 1;
        let (targets, summary) = read(&catalog, TARGETS).unwrap();
        assert_eq!(summary, ["handoff/two_cores"]);
        assert_eq!(targets[0].compared.len(), others);
        assert!(!targets[0].compared.contains(&"handoff/one_core/rsevents".to_owned()));
        let two = ["handoff/two_cores/rsevents-0.3.1", "handoff/one_core/std-park"];
        assert_eq!(targets[1].compared, two);
        assert!(targets[2].compared.is_empty());
    }

    #[test]
    fn what_leads_nowhere_is_an_error() {
        let catalog = catalog();
        for (from, to) in [
            ("handoff/one_core", "handoff/no_core"),
            ("[\"handoff/two_cores", "[\"handoff/no_core"),
            ("one_core/std-park", "one_core/async-lock"),
            ("one_core/std-park", "million/rsevents"),
            ("why = \"less\"", "why = \"more\""),
            (", why = \"less\"", ""),
            ("at_most = 1 ", "at_most = 1, off = [] "),
        ] {
            assert!(TARGETS.contains(from), "{from}");
            assert!(read(&catalog, &TARGETS.replacen(from, to, 1)).is_err(), "{to}");
        }
    }
}
