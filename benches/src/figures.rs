//! Figures that criterion has no place for, and what could not be measured: a line of JSON each, in the
//! file that the environment names, where `cargo xtask bench` finds them; on the terminal otherwise.

use std::env;
use std::fmt::Display;
use std::fs::OpenOptions;
use std::io::Write;

/// Names the file.
const FILE: &str = "RSEVENTS_BENCH_FIGURES";

/// What a scenario measures without criterion: `value` of `id`, which is scenario/row/contender.
pub fn value(id: &str, value: f64) {
    write(format_args!(r#"{{"id":"{id}","figure":"value","value":{value}}}"#));
}

/// The same, for what is measured beside something that criterion shows: not worth a line on the
/// terminal.
pub fn noted(id: &str, figure: f64) {
    if env::var_os(FILE).is_some() {
        value(id, figure);
    }
}

/// The processor time in nanoseconds that one iteration of `id` took, beside the time on criterion's
/// clock.
pub fn cpu(id: &str, value: f64) {
    if env::var_os(FILE).is_some() {
        write(format_args!(r#"{{"id":"{id}","figure":"cpu","value":{value}}}"#));
    }
}

/// That the row `id` (scenario/row) could not be measured, and why.
pub fn skipped(id: &str, reason: &str) {
    write(format_args!(r#"{{"id":"{id}","skipped":"{reason}"}}"#));
}

fn write(line: impl Display) {
    match env::var_os(FILE) {
        Some(path) => {
            let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
            writeln!(file, "{line}").unwrap();
        }
        None => println!("{line}"),
    }
}
