//! Win32's auto-reset and manual-reset events for threads.
//!
//! An event is an awaitable boolean: it is *set* or *unset*, and a thread can wait for it to be set
//! without a mutex, a condition variable or data that belongs to it. It is one byte, its constructor
//! is `const`, so it can be a `static`, and it needs no `Drop`.
//!
//! | | one `set` lets through | afterwards the event is |
//! |---|---|---|
//! | [`AutoResetEvent`] | one wait, begun before or after it | unset, once that wait returned |
//! | [`ManualResetEvent`] | all waits, begun before or after it, until `reset` | set |
//!
//! All waiting goes through the trait [`Awaitable`], which the types of other crates implement too:
//!
//! | | waits | succeeds with | fails with |
//! |---|---|---|---|
//! | [`wait`](Awaitable::wait) | as long as it takes | `()` | never |
//! | [`wait_for`](Awaitable::wait_for) | at most for a duration | `true` | `false` |
//! | [`wait_until`](Awaitable::wait_until) | at most until an instant | `true` | `false` |
//! | [`wait0`](Awaitable::wait0) | not at all | `true` | `false` |
//! | [`try_wait`](Awaitable::try_wait) and its kin | likewise | `Ok` | `Err` |
//!
//! # Example
//!
//! ```
//! use rsevents::{AutoResetEvent, Awaitable, EventState, ManualResetEvent};
//! use std::sync::atomic::{AtomicU32, Ordering};
//! use std::time::Duration;
//!
//! static TICKET: AutoResetEvent = AutoResetEvent::new(EventState::Unset);
//! static STOP: ManualResetEvent = ManualResetEvent::new(EventState::Unset);
//! static SERVED: AtomicU32 = AtomicU32::new(0);
//!
//! std::thread::scope(|scope| {
//!     for _ in 0..2 {
//!         scope.spawn(|| {
//!             TICKET.wait(); // one ticket lets one thread through
//!             SERVED.fetch_add(1, Ordering::Relaxed);
//!             STOP.wait(); // one call lets everybody through
//!         });
//!     }
//!     TICKET.set();
//!     while SERVED.load(Ordering::Relaxed) == 0 {
//!         std::thread::yield_now();
//!     }
//!     assert!(!TICKET.wait_for(Duration::from_millis(1))); // the ticket is used up
//!     TICKET.set();
//!     STOP.set();
//! });
//! assert_eq!(SERVED.load(Ordering::Relaxed), 2);
//! ```
//!
//! # What a wait sees
//!
//! What a thread wrote before it called `set` is visible to every wait that this call let through,
//! whichever form of wait it was and whether or not it slept. Where several `set` calls were made
//! while the event was set already, the wait that takes it sees what all of them wrote. `reset`
//! sees what was written before the `set` that it undoes. A wait that failed promises nothing.
//!
//! This is an order along each single event, not one among several: if two threads each set an event of
//! their own and then look at the other's, both may find it unset on a machine with weak memory.
//!
//! # Where events do not belong
//!
//! Threads sleep with `parking_lot_core`, which may allocate and takes locks: do not wait on or set an
//! event inside a global allocator, nor in a signal handler.
//!
//! # Parked threads, and spinning
//!
//! A thread is *parked* once it sleeps in an event's queue. Before that it looks at the event, and may
//! spin for up to some tens of microseconds, because waking a sleeping core costs as much. How often
//! it does depends on whether spinning has paid for that thread lately.
//!
//! # Features
//!
//! `wasm-threads` lets threads park on `wasm32-unknown-unknown`, in programs that a nightly compiler builds with
//! `-Zbuild-std` and `-Ctarget-feature=+atomics`. Without the feature, a wait that has to park panics there.
//! On targets other than WebAssembly it changes nothing.
//!
//! `loom`, together with `--cfg loom`, puts the crate on the primitives of the model checker of that
//! name. Without the cfg it changes nothing. It is for this project's own tests and for those of
//! crates built on events, and is not covered by semantic versioning.

#![deny(unsafe_code)]

mod auto;
mod awaitable;
mod deadline;
mod manual;
#[allow(unsafe_code, reason = "calls the parking lot")]
mod raw;
mod spin;
mod state;
#[allow(unsafe_code, reason = "the parking lot's functions, and a model of them")]
mod sync;

pub use auto::AutoResetEvent;
pub use awaitable::{Awaitable, AwaitableError, TimeoutError};
pub use manual::ManualResetEvent;
#[doc(hidden)]
pub use raw::RawEvent;
pub use state::EventState;

/// The name that [`EventState`] had before version 0.3.
#[doc(hidden)]
pub type State = EventState;
