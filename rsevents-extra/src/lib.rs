//! Synchronization types built on the public API of [`rsevents`], Win32's events for threads.
//!
//! | | waits for | take it for |
//! |---|---|---|
//! | [`CountdownEvent`] | a count to reach zero | "all of these tasks are done" |
//! | [`Semaphore`] | one or several of a number of permits | "at most so many at once" |
//!
//! Both are at most 16 bytes, have `const` constructors, can be a `static`, and have no `Drop`. Both are
//! waited on through the trait [`Awaitable`], like the events themselves.
//!
//! A wait blocks the thread: do not use them in async code, nor, like the events, in a global allocator
//! or a signal handler. They need atomics of 64 bits.
//!
//! # Which one, and how they compare
//!
//! | you know | here | differences |
//! |---|---|---|
//! | [`std::sync::Barrier`] | [`CountdownEvent`] | counting down does not wait, waiting need not count, and the count may grow |
//! | `WaitGroup` (crossbeam, Go) | [`CountdownEvent`] | a ticket per task, by [`add_ticket`](CountdownEvent::add_ticket) or [`add_ticket_owned`](CountdownEvent::add_ticket_owned); no allocation; others than the members may wait, with a limit |
//! | `CountDownLatch` (Java) | [`CountdownEvent`] | can be armed again, by [`reset`](CountdownEvent::reset) or [`increment`](CountdownEvent::increment) |
//! | `CountdownEvent` (.NET) | [`CountdownEvent`] | surplus ticks have no effect instead of throwing; `increment` at zero arms it again; `reset` may be called while others wait |
//! | `SemaphoreSlim` (.NET), `Semaphore` (Java) | [`Semaphore`] | a permit comes as a guard that gives it back; several at once are all or nothing |
//! | `tokio::sync::Semaphore` | [`Semaphore`] | blocks the thread; requests for single permits may overtake each other, which is what makes it fast |
//!
//! # Features
//!
//! `wasm-threads` lets threads park on `wasm32-unknown-unknown` with atomics: see [`rsevents`].
//!
//! `loom`, together with `--cfg loom`: see [`rsevents`].

#![deny(unsafe_code)]

mod countdown;
mod deadline;
mod refusal;
mod semaphore;
mod sync;

#[cfg(test)]
mod scenarios;

pub use countdown::{CountdownEvent, CountdownTicket, OwnedCountdownTicket};
pub use rsevents::{Awaitable, TimeoutError};
pub use semaphore::{OwnedSemaphoreGuard, Semaphore, SemaphoreGuard};
