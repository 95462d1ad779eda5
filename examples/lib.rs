//! Programs that use `rsevents`, one a file. Run one with `cargo run --example worker_pool`.
//!
//! This library holds nothing but the project's README, whose code so runs with the tests.

#![doc = include_str!("../README.md")]
