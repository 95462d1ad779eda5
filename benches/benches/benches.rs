//! Runs the benchmarks.

fn main() {
    benches::run();
}
