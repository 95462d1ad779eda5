//! Programs that use `rsevents`, one a file. Run one with `cargo run --example worker_pool`.
