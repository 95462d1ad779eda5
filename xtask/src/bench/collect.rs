//! Reading what a run of a bench target left behind: criterion's estimates, and figures that
//! criterion does not know.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;

use anyhow::{Context, Result, ensure};
use cargo_metadata::camino::Utf8Path;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use walkdir::WalkDir;

use super::rounds::{Round, median};

/// The file of figures beside criterion's directories.
pub(super) const FIGURES: &str = "figures.jsonl";

/// Criterion's `benchmark.json`, as far as it matters.
#[derive(Deserialize)]
struct Benchmark {
    full_id: String,
}

/// Criterion's `estimates.json`, as far as it matters. In ns per iteration.
#[derive(Deserialize)]
struct Estimates {
    median: Estimate,
}

#[derive(Deserialize)]
struct Estimate {
    point_estimate: f64,
}

/// A line of the figures.
#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Figure {
    Measured { id: String, figure: Kind, value: f64 },
    Skipped { id: String, skipped: String },
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    /// Processor time in ns per iteration, beside the time that criterion measured.
    Cpu,
    /// The value itself, of a row that criterion does not time.
    Value,
}

/// Everything that was measured of each id.
type Samples = BTreeMap<String, Vec<f64>>;

/// Reads the directory of one round.
pub(super) fn round(dir: &Utf8Path) -> Result<Round> {
    let (mut values, mut cpu, mut skipped) = (Samples::new(), Samples::new(), BTreeMap::new());
    for (id, value) in estimates(dir)? {
        values.entry(id).or_default().push(value);
    }
    for figure in figures(&dir.join(FIGURES))? {
        match figure {
            Figure::Measured { id, figure: Kind::Value, value } => {
                values.entry(id).or_default().push(value);
            }
            Figure::Measured { id, figure: Kind::Cpu, value } => {
                cpu.entry(id).or_default().push(value);
            }
            Figure::Skipped { id, skipped: reason } => {
                skipped.insert(id, reason);
            }
        }
    }
    Ok(Round { values: medians(values), cpu: medians(cpu), skipped })
}

fn medians(samples: Samples) -> BTreeMap<String, f64> {
    samples.into_iter().filter_map(|(id, values)| Some((id, median(values)?))).collect()
}

/// The id and median of each benchmark below `dir`.
fn estimates(dir: &Utf8Path) -> Result<Vec<(String, f64)>> {
    let mut found = Vec::new();
    for entry in WalkDir::new(dir) {
        let entry = entry?;
        let path: &Utf8Path = entry.path().try_into()?;
        // Beside `new` is `base`, a copy for the next comparison.
        if path.ends_with("new/benchmark.json") {
            let Benchmark { full_id } = json(path)?;
            let Estimates { median } = json(&path.with_file_name("estimates.json"))?;
            found.push((full_id, median.point_estimate));
        }
    }
    Ok(found)
}

fn json<T: DeserializeOwned>(path: &Utf8Path) -> Result<T> {
    let text = fs::read_to_string(path).with_context(|| path.to_string())?;
    serde_json::from_str(&text).with_context(|| path.to_string())
}

/// The lines of the figures. A target without any does not write the file.
fn figures(path: &Utf8Path) -> Result<Vec<Figure>> {
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        text => text.with_context(|| path.to_string())?,
    };
    let lines = text.lines().enumerate();
    lines
        .map(|(index, line)| figure(line).with_context(|| format!("{path}:{}", index + 1)))
        .collect()
}

fn figure(line: &str) -> Result<Figure> {
    let figure = serde_json::from_str(line)?;
    if let Figure::Measured { id, value, .. } = &figure {
        ensure!(value.is_finite() && *value >= 0.0, "{id} cannot be {value}");
    }
    Ok(figure)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Writes what criterion would, and figures.
    fn fake(estimates: &[(&str, f64)], figures: &str) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (id, value) in estimates {
            let (group, name) = id.rsplit_once('/').unwrap();
            // Criterion looks at the previous run, too.
            for (version, value) in [("new", *value), ("base", 1e9)] {
                let dir = root.path().join(group.replace('/', "_")).join(name).join(version);
                fs::create_dir_all(&dir).unwrap();
                let benchmark = format!(r#"{{"group_id":"{group}","full_id":"{id}"}}"#);
                fs::write(dir.join("benchmark.json"), benchmark).unwrap();
                let estimate = format!(r#"{{"point_estimate":{value},"standard_error":1.0}}"#);
                let estimates =
                    format!(r#"{{"mean":{estimate},"median":{estimate},"slope":null}}"#);
                fs::write(dir.join("estimates.json"), estimates).unwrap();
            }
        }
        if !figures.is_empty() {
            fs::write(root.path().join(FIGURES), figures).unwrap();
        }
        root
    }

    fn read(estimates: &[(&str, f64)], figures: &str) -> Result<Round> {
        round(fake(estimates, figures).path().try_into().unwrap())
    }

    #[test]
    fn estimates_are_those_of_this_run() {
        let round = read(&[("handoff/two_cores/rsevents", 170.5), ("a/b/c", 2.0)], "").unwrap();
        assert!(round.ids().eq(["a/b/c", "handoff/two_cores/rsevents"]));
        assert_eq!(round.value("handoff/two_cores/rsevents"), Some(170.5));
    }

    #[test]
    fn figures_come_beside_the_estimates() {
        let figures = r#"{"id":"a/b/c","figure":"cpu","value":170.5}
{"id":"a/b/c","figure":"cpu","value":150}
{"id":"a/b/c","figure":"cpu","value":190}
{"id":"a/idle/c","figure":"value","value":31000.0}
{"id":"a/d","skipped":"pinning was refused"}
"#;
        let round = read(&[("a/b/c", 2.0)], figures).unwrap();
        assert_eq!(round.value("a/b/c"), Some(2.0));
        assert_eq!(round.cpu["a/b/c"], 170.5);
        assert_eq!(round.value("a/idle/c"), Some(31000.0));
        assert_eq!(round.skipped("a/d"), Some("pinning was refused"));
    }

    #[test]
    fn garbled_figures_are_errors() {
        for line in [
            r#"{"id":"a/b/c","figure":"wall","value":1.0}"#,
            r#"{"id":"a/b/c","figure":"cpu"}"#,
            r#"{"id":"a/b/c","figure":"cpu","value":-1.0}"#,
            r#"{"id":"a/b/c","skipped":"x","value":1.0}"#,
            "",
        ] {
            let error = read(&[], &format!("{line}\n")).unwrap_err();
            assert!(error.to_string().ends_with("figures.jsonl:1"), "{line}: {error:#}");
        }
    }

    #[test]
    fn benchmark_without_estimates_is_an_error() {
        let root = fake(&[("a/b/c", 1.0)], "");
        fs::remove_file(root.path().join("a_b/c/new/estimates.json")).unwrap();
        assert!(round(root.path().try_into().unwrap()).is_err());
    }
}
