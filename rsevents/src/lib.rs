//! Win32's auto-reset and manual-reset events for threads and async tasks.
//!
//! An event is an awaitable boolean: it is *set* or *unset*, and threads and tasks can wait until it is set,
//! without a mutex, a condition variable or data that belongs to it. It is one byte, its constructor
//! is `const`, so it can be a `static`, and it needs no `Drop`.
//!
//! | | one `set` releases | afterwards the event is |
//! |---|---|---|
//! | [`AutoResetEvent`] | one wait, begun before or after it | unset, once that wait has succeeded |
//! | [`ManualResetEvent`] | all waits, begun before or after it, until `reset` | set |
//!
//! A task waits with [`wait_async`](AutoResetEvent::wait_async), see [Tasks](#tasks). A thread waits through the trait
//! [`Awaitable`], which types in other crates can implement too, by hand or [on top of a queue](#other-primitives):
//!
//! | | waits | succeeds with | fails with |
//! |---|---|---|---|
//! | [`wait`](Awaitable::wait) | without a limit | `()` | never |
//! | [`wait_for`](Awaitable::wait_for) | at most for a duration | `true` | `false` |
//! | [`wait_until`](Awaitable::wait_until) | at most until an instant | `true` | `false` |
//! | [`wait0`](Awaitable::wait0) | not at all | `true` | `false` |
//! | [`try_wait`](Awaitable::try_wait), [`try_wait_for`](Awaitable::try_wait_for), … | as the form without `try_` | `Ok` | `Err` |
//!
//! `try_` tells that the result is a [`Result`], **not** that the call does not block: `try_wait`
//! blocks, [`try_wait0`](Awaitable::try_wait0) does not.
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
//!             TICKET.wait(); // each set releases one thread
//!             SERVED.fetch_add(1, Ordering::Relaxed);
//!             STOP.wait(); // one set releases all threads
//!         });
//!     }
//!     TICKET.set();
//!     while SERVED.load(Ordering::Relaxed) == 0 {
//!         std::thread::yield_now();
//!     }
//!     let is_still_set = TICKET.wait_for(Duration::from_millis(1));
//!     TICKET.set();
//!     STOP.set();
//!     assert!(!is_still_set); // the first thread took the set
//! });
//! assert_eq!(SERVED.load(Ordering::Relaxed), 2);
//! ```
//!
//! The [guide] says what to use for what. The types have recipes:
//! [a consumer of a queue](AutoResetEvent#sets-coalesce-drain-then-wait),
//! [a timer that can be woken early](AutoResetEvent#a-timer-that-can-be-woken-early),
//! [a stop flag that a thread can sleep on](ManualResetEvent#a-stop-flag-that-a-thread-can-sleep-on),
//! [a start gate](ManualResetEvent#a-start-gate), and
//! [a one-shot signal on the waiter's stack](ManualResetEvent#a-one-shot-signal-on-the-waiters-stack).
//!
//! # Tasks
//!
//! `wait_async` returns a future, a [`Wait`], instead of blocking the thread. `(&event).await` is short for it. Any
//! executor can run it. It needs no runtime, no timer, no feature and no allocation of its own.
//!
//! ```
//! use rsevents::{AutoResetEvent, Awaitable, EventState};
//!
//! static READY: AutoResetEvent = AutoResetEvent::new(EventState::Unset);
//!
//! async fn task() {
//!     READY.wait_async().await;
//! }
//! fn thread() {
//!     READY.wait();
//! }
//! // Each set releases one of them.
//! # drop(task);
//! # READY.set();
//! # thread();
//! ```
//!
//! * **One queue.** Threads and tasks that wait for an event are in one queue, and the same sets release them.
//!   `set` may be called by both. Wakers are called without a lock, by the thread that sets, or by a thread or task
//!   that the same set has released.
//! * **Cancel safety.** To drop a future is to give the wait up, at any time. If it was released by then, its set
//!   goes to the next waiter or stays in the event. So `timeout` and `select!` of any runtime lose no set, and
//!   there are no forms with a limit.
//! * **Spawned tasks** may borrow an event that is a `static`. For one in an `Arc`, an `async move` block that owns
//!   the `Arc` can call `wait_async`. [`wait_owned_async`](AutoResetEvent::wait_owned_async) is for a future that
//!   is itself `'static`.
//! * **A wait that is ready does not yield** to other tasks, and uses no budget of the runtime.
//! * **Wakers that run tasks**, as those of some executors do, are called one after another by a set or a change that
//!   releases several. A waiter that helps to wake others wakes threads at once. It calls no waker from inside
//!   another waker, but leaves that to the caller of the outer one. So a task that is run by its waker must not block
//!   until another task has run. But what such a task sets, gives back or hands on itself calls wakers at once: a chain
//!   of n tasks that are run so, each of which sets the next one's event, nests n calls deep.
//! * **Do not block an executor.** `wait`, `wait_for` and `wait_until` block the thread, in a task as well, and
//!   with it all other tasks that need this thread. If one of these is to set the event, the wait never returns.
//!   `wait0`, `is_set`, `set` and `reset` may briefly take a lock, and are fine in a task.
//! * **Do not keep a future that you do not poll.** A task is never overtaken: once released, it has its set. If it
//!   is neither polled nor dropped then, no other waiter gets that set.
//!
//! Where this documentation speaks of parked threads, tasks in the queue are meant as well, unless it says
//! otherwise.
//!
//! # Several objects
//!
//! [`wait_any`] waits until one of several objects lets it pass, as Win32's `WaitForMultipleObjects` does, and
//! returns its place. Only that one is taken. [`wait_any_async`] is its future. [`wait_all`] waits until all of
//! them let it pass at one instant, and takes from all. [`wait_all_async`] is its future, for objects that are
//! `'static`.
//!
//! ```
//! use rsevents::{AutoResetEvent, EventState, ManualResetEvent, wait_any};
//!
//! static WORK: AutoResetEvent = AutoResetEvent::new(EventState::Unset);
//! static STOP: ManualResetEvent = ManualResetEvent::new(EventState::Set);
//!
//! while wait_any(&[&STOP, &WORK]) == 1 {
//!     // work
//! }
//! ```
//!
//! Everything that implements [`Signal`] can be waited for together: both events, and types built on a gate, such
//! as the countdown and the semaphore of `rsevents-extra`. Where the types of the objects are known, [`Several`]
//! has the same waits for tuples, arrays and slices, which yield what was taken.
//!
//! While a `wait_all` waits for an object, each call on the object takes a lock that all such objects share. What this
//! documentation says of costs, such as "one load", holds for the rest of the time.
//!
//! # Panics
//!
//! No call of this crate panics by itself, except where its documentation says so. If a waker panics, or a function of
//! a [`Rule`], so does the call that has called it: a set, a change of a gate's value, the drop of a future, or also a
//! wait, which may help to wake others. When a waker panics, the others are called all the same, and no set is lost.
//! (If the thread unwinds by another panic already, that of the waker is discarded.)
//!
//! # Other primitives
//!
//! A [`Gate`] is a number and a queue of waits, like those of the events. A type that has one gets waits with
//! limits and waits of tasks by saying, in a few pure functions, what a wait does to the number: see [`Source`], with a
//! reader-writer gate as an example. The crate [`rsevents-extra`](https://docs.rs/rsevents-extra) has a
//! semaphore and a countdown made of gates.
//!
//! # Memory ordering
//!
//! What a thread wrote before it called `set` is visible after every wait that this call released, for
//! every form of wait and whether or not the waiter slept. If several sets of an auto-reset event
//! coalesced, the wait that takes them sees what all setters wrote. (For a second set of a manual-reset
//! event that is set already see [there](ManualResetEvent#guarantees).) `reset` sees what was written
//! before the set that it undoes. A wait that failed promises nothing.
//!
//! This holds for each event by itself. There is no order between two events: if two threads each set
//! an event of their own and then check the other's, both may find it unset on a processor with a weak
//! memory model.
//!
//! # Freeing an event
//!
//! In safe code a borrow or an `Arc` keeps an event alive while it is used. Code that shares an event
//! through a raw pointer may rely on this: once a wait has succeeded, the `set` that released it does
//! not access the event any more. So the waiter may free the event, for example one on its own stack,
//! while that `set` has not returned yet. It must still make sure that there is no other call on the
//! event. A wait that timed out or was dropped promises nothing of the kind.
//!
//! # Spinning before parking
//!
//! A thread or a task is *parked* once it is in an event's queue. Before that it checks the event and may
//! spin for up to 64 microseconds, because waking a sleeping processor core takes as long. How
//! often it spins depends on whether recent spins of that thread were rewarded. (A thread in a [`wait_all`] is not
//! parked in this sense, as it takes nothing before it takes all.)
//!
//! # Limits
//!
//! The queues of waits are outside of the events, in a table of the process, and the threads sleep with
//! [`parking_lot_core`](https://docs.rs/parking_lot_core). This has consequences:
//!
//! * **Allocators and signal handlers.** A wait that is queued may let the table grow, which allocates memory, and both
//!   waits and sets may take locks. Do not use an event inside a global allocator or in a signal
//!   handler.
//! * **Fork.** A child process has a copy of the queues, but the threads that were parked in them or ran the tasks
//!   do not exist there: such an entry consumes a set. And a queue whose lock another thread held during the fork
//!   stays locked for ever; events share these locks. After the fork of a process with several threads, do not use
//!   events in the child before `exec`.
//! * **Several copies of the crate.** A plugin or another dynamic library that links a copy of its own
//!   has queues of its own. A set by one copy does not reach a thread or task that waits through another: the
//!   set is lost. Pass functions across such a boundary, not events.
//! * **Processes.** An event in shared memory does not work between processes, for the same reason.
//! * **Async code.** The blocking waits block the executor: see [Tasks](#tasks).
//!
//! # Platforms
//!
//! Rust 1.85 or later, with `parking_lot_core` 0.9.12 or 0.10 (which needs Rust 1.95).
//!
//! | target | what is checked |
//! |---|---|
//! | x86-64 Linux | everything |
//! | 32-bit x86 Linux, aarch64 Linux under QEMU, x86-64 Windows (GNU) under Wine | the tests run |
//! | x86-64 Windows (MSVC), aarch64 macOS, 32-bit PowerPC Linux, `wasm32-wasip1-threads` | it compiles |
//! | `wasm32-unknown-unknown` with atomics and the feature `wasm-threads` | two threads run under Node.js |
//! | `wasm32-unknown-unknown` without atomics | it compiles |
//!
//! Other targets with `std` and atomics of 8 and 32 bits work as far as `parking_lot_core` supports them.
//!
//! On `wasm32-unknown-unknown`:
//!
//! * A wait that has to park needs atomics and the feature, and aborts without.
//! * There is no clock. A wait without a limit works, and so does one with a limit of zero or of
//!   [`Duration::MAX`](std::time::Duration::MAX). Any other limit panics, in the standard library, if the object is not
//!   set.
//! * The main thread of a browser must not block: a wait that parks traps. Wait in a task there, or poll with
//!   [`wait0`](Awaitable::wait0). That and `set` work, unless they have to wait for a queue's lock: that is
//!   rare, and possible only while another thread uses a queue.
//!
//! # Features
//!
//! * `wasm-threads` lets threads park on `wasm32-unknown-unknown`. The program has to be built by a
//!   nightly compiler, with `-Zbuild-std` and `-Ctarget-feature=+atomics`. On other targets it changes
//!   nothing.
//! * `loom`, together with `--cfg loom`, runs the crate on the primitives of the model checker of that
//!   name. Without the cfg it changes nothing. It is for the tests of this project and of crates built
//!   on events, and is not covered by semantic versioning.

#![deny(unsafe_code)]

mod auto;
mod awaitable;
mod deadline;
mod fairness;
#[allow(unsafe_code, reason = "entries of queues live in futures")]
mod future;
#[allow(unsafe_code, reason = "links entries, and removes them")]
mod gate;
mod manual;
#[allow(unsafe_code, reason = "entries of queues live on the stacks of their threads")]
mod queue;
#[allow(unsafe_code, reason = "links entries, and waits until they are unlinked")]
mod raw;
#[allow(unsafe_code, reason = "entries of queues live in futures and on stacks")]
mod several;
mod source;
mod spin;
mod state;
#[allow(unsafe_code, reason = "the parking lot's functions, and a model of them")]
mod sync;
mod wait;

#[cfg(doc)]
#[doc = include_str!("guide.md")]
pub mod guide {
    // A page of its own: its test is one for loom's primitives.
    #[doc = include_str!("guide/loom.md")]
    pub mod loom {}
}

pub use auto::AutoResetEvent;
pub use awaitable::{Awaitable, AwaitableError, TimeoutError};
pub use future::{Finish, OwnedWait, Wait};
pub use gate::{Gate, Rule};
pub use manual::ManualResetEvent;
#[doc(hidden)]
pub use queue::{inspect as inspect_queue, inspect_all};
#[doc(hidden)]
pub use raw::RawEvent;
pub use several::{
    OneOf2, OneOf3, OneOf4, OneOf5, OneOf6, OneOf7, OneOf8, Part, Several, Signal, WaitAll,
    WaitAny, Won, Yields, wait_all, wait_all_async, wait_all_for, wait_all_until, wait_all0,
    wait_any, wait_any_async, wait_any_for, wait_any_until, wait_any0,
};
pub use source::{Source, Taken};
pub use state::EventState;

/// The name that [`EventState`] had before version 0.3.
#[doc(hidden)]
pub type State = EventState;
