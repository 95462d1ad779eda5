//! Benchmarks of `rsevents`, a file per scenario in `benches/`. Run `cargo bench -p benches`.
