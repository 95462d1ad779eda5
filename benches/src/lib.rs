//! What the benchmarks have in common: the contenders, each behind the trait of what it can stand in
//! for, and the ways of measuring them. A scenario is a file in `benches/`; what each scenario measures,
//! against whom, and which line it has to cross stands in `scenarios.toml`.
//!
//! ```text
//! cargo bench -p benches --bench handoff               # one scenario, by criterion alone
//! cargo bench -p benches --bench handoff -- one_core   # of that, what contains this
//! cargo xtask bench --quick handoff/                   # the same in rounds, held against its lines
//! cargo xtask bench                                    # all of it, and the report
//! ```
//!
//! To add a contender: implement the trait ([`auto::Auto`], [`manual::Manual`], ...), list the type in
//! the scenarios that it takes part in (for [`uncontended`], in its table), and declare it in
//! `scenarios.toml`, both at the top and in its rows. `cargo xtask bench` complains about whatever is
//! measured but not declared, or the reverse.

#![allow(missing_debug_implementations, reason = "not all contenders have one")]

pub mod auto;
mod contender;
pub mod countdown;
pub mod critical_section;
pub mod crowd;
pub mod figures;
pub mod futex;
pub mod manual;
pub mod measure;
pub mod placement;
pub mod semaphore;
pub mod team;
pub mod uncontended;
