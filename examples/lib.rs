//! Tests the code in the READMEs.
//!
//! The programs beside this file are examples: `cargo run --example worker_pool`. Each checks its own result.
//! Those that need no runtime are examples of the published crates, whose `examples` folders link to them.

#![doc = include_str!("../README.md")]
#![doc = include_str!("../rsevents-extra/README.md")]
