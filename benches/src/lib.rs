//! What the benchmarks have in common: the contenders, each behind the trait of what it can stand in
//! for, and the ways of measuring them. A scenario is a file in `benches/`; what each scenario measures,
//! against whom, and which line it has to cross stands in `scenarios.toml`.

#![allow(missing_debug_implementations, reason = "not all contenders have one")]

pub mod auto;
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
