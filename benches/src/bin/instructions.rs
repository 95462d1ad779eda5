//! Runs an operation of one thread a number of times, for a tool that counts instructions. Without
//! arguments it lists what it can run: the rows of `uncontended`, this crate and its ancestor.
//!
//! ```text
//! instructions auto_set_wait rsevents 1000
//! ```

use std::env;
use std::process::ExitCode;

use benches::uncontended::CASES;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => list(),
        [row, contender, times] => run(row, contender, times),
        _ => {
            eprintln!("usage: instructions [ROW CONTENDER TIMES]");
            ExitCode::FAILURE
        }
    }
}

fn list() -> ExitCode {
    for case in CASES.iter().filter(|case| case.contender.starts_with("rsevents")) {
        println!("{} {}", case.row, case.contender);
    }
    ExitCode::SUCCESS
}

fn run(row: &str, contender: &str, times: &str) -> ExitCode {
    let case = CASES.iter().find(|case| case.row == row && case.contender == contender);
    match (case, times.parse()) {
        (Some(case), Ok(times)) => {
            (case.repeat)(times);
            ExitCode::SUCCESS
        }
        (None, _) => {
            eprintln!("no such row or contender: {row} {contender}");
            ExitCode::FAILURE
        }
        (_, Err(error)) => {
            eprintln!("{times}: {error}");
            ExitCode::FAILURE
        }
    }
}
