//! A countdown event and a semaphore for threads and async tasks, built on the public API of [`rsevents`], Win32's
//! events in one byte.
//!
//! | | waits for | use it for |
//! |---|---|---|
//! | [`CountdownEvent`] | a count to reach zero | "all of these tasks are done" |
//! | [`Semaphore`] | one or several of a number of permits | "at most `n` at once" |
//!
//! Both are 8 bytes, have `const` constructors, can be a `static`, and have no `Drop`. Both are
//! waited on through the trait [`Awaitable`], like the events themselves (the semaphore also by
//! methods of its own, which need no import), and by tasks with
//! [`CountdownEvent::wait_async`] and [`Semaphore::wait_async`]: see [Tasks](rsevents#tasks). Tasks and threads that
//! wait for one object are in one queue.
//!
//! # Which one, and how they compare
//!
//! | you know | here | differences |
//! |---|---|---|
//! | [`std::sync::Barrier`] | [`CountdownEvent`] | counting down does not wait, waiting need not count, and the count may grow |
//! | `WaitGroup` (crossbeam, Go) | [`CountdownEvent`] | a ticket per task, by [`add_ticket`](CountdownEvent::add_ticket) or [`add_ticket_owned`](CountdownEvent::add_ticket_owned); no allocation; threads without a ticket may wait, and with a limit |
//! | `CountDownLatch` (Java) | [`CountdownEvent`] | can be used again, by [`reset`](CountdownEvent::reset) or [`increment`](CountdownEvent::increment) |
//! | `CountdownEvent` (.NET) | [`CountdownEvent`] | surplus decrements have no effect instead of throwing; `increment` at zero makes it unavailable again; `reset` may be called while threads wait |
//! | `SemaphoreSlim` (.NET), `Semaphore` (Java) | [`Semaphore`] | a permit comes as a guard that gives it back; several at once are all or nothing |
//! | `tokio::sync::Semaphore` | [`Semaphore`] | for threads as well as tasks; no `close`: wait for `(&semaphore, &stop).wait_any_async()`; at most 65 535 permits; a running thread may overtake one that is waking up, which makes it fast |
//!
//! # Limits and platforms
//!
//! Those of [`rsevents`]: no use in global allocators and signal handlers, or after a fork; in async code `wait_async`,
//! as `wait` blocks the thread; one copy of the crate in a process; the same platforms and the same minimum Rust.
//!
//! # Features
//!
//! * `wasm-threads` lets threads park on `wasm32-unknown-unknown`: see [`rsevents`].
//! * `loom`, together with `--cfg loom`: see [`rsevents`].

#![deny(unsafe_code)]

mod countdown;
mod refusal;
mod semaphore;
mod sync;

#[cfg(test)]
mod scenarios;

pub use countdown::{CountdownEvent, CountdownTicket, OwnedCountdownTicket};
pub use rsevents::{
    Awaitable, OneOf2, OneOf3, OneOf4, OneOf5, OneOf6, OneOf7, OneOf8, OwnedWait, Several, Signal,
    TimeoutError, Wait, wait_all, wait_all_async, wait_all_for, wait_all_until, wait_all0,
    wait_any, wait_any_async, wait_any_for, wait_any_until, wait_any0,
};
pub use semaphore::{Grant, OwnedSemaphoreGuard, Request, Semaphore, SemaphoreGuard};
