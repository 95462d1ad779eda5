//! Stress: all objects on real threads, for as long as wanted.
//!
//! Each scenario has invariants that are exact, whatever the threads do and whenever: what is *lost* (a
//! set, a tick, a permit that nobody got) and what is *doubled* (got twice, or by somebody to whom it did
//! not belong) is counted. Where something lost lets threads sleep for ever, the watch finds that
//! it *stalls*.
//!
//! Built with `--cfg rsevents_delays`, the objects take random delays around each of their steps.

mod auto;
mod countdown;
mod figures;
mod form;
mod manual;
mod meeting;
mod news;
mod phases;
mod post;
mod run;
mod scenarios;
mod semaphore;
mod stage;
mod watch;

pub use figures::{Figure, Figures};
pub use run::{Report, run};
pub use scenarios::{Scenario, all, select};

/// Whether the objects take delays.
pub const HAS_DELAYS: bool = cfg!(rsevents_delays);
