//! Patterns of real programs, ported to these crates. Each is written once, for what it waits on: a trait, which is
//! implemented by what it was written for, and by ours. Its test is run with both. README.md has the calls side by
//! side.

mod environment;
mod outcome;
mod scheduler;
mod win32_queue;
