//! Programs that use `rsevents`, one a file. Run one with `cargo run --example worker_pool`.
//!
//! This library holds nothing but the READMEs, whose code so runs with the tests.

#![doc = include_str!("../README.md")]
#![doc = include_str!("../rsevents-extra/README.md")]
