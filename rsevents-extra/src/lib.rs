//! Synchronization types built on the public API of [`rsevents`].
//!
//! This version re-exports the names that users of the extra types need, and nothing else: the
//! countdown event and the semaphore of earlier versions are being rewritten on the new core.

#![forbid(unsafe_code)]

pub use rsevents::{Awaitable, TimeoutError};
