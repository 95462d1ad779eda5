//! What the four objects do, for one thread at a time and without waiting: the reference that histories
//! and programs are compared with. Written from the contract, not from the code.
//!
//! Where a call would block, the method here returns `false` and changes nothing.

mod countdown;
mod event;
mod semaphore;

pub use countdown::Countdown;
pub use event::{Event, Kind};
pub use semaphore::Semaphore;
