//! What the threads of a scenario share. For both crates.

use crate::sync::testing::{Arc, AtomicUsize, JoinHandle, Plain, spawn};

/// An object under test, and plain memory for which only it makes an order.
pub(crate) struct Shared<T> {
    pub(crate) object: T,
    pub(crate) data: [Plain; 3],
    /// Accessed relaxed: tells something, but orders nothing.
    pub(crate) note: AtomicUsize,
}

pub(crate) fn shared<T>(object: T) -> Arc<Shared<T>> {
    Arc::new(Shared { object, data: Default::default(), note: AtomicUsize::new(0) })
}

pub(crate) fn spawn_on<T: Send + Sync + 'static, R: Send + 'static>(
    shared: &Arc<Shared<T>>,
    run: impl FnOnce(&Shared<T>) -> R + Send + 'static,
) -> JoinHandle<R> {
    let shared = Arc::clone(shared);
    // Boxed, so that what starts threads is compiled once, not for each closure.
    let run: Box<dyn FnOnce() -> R + Send> = Box::new(move || run(&shared));
    spawn(run)
}

pub(crate) fn join_all<T, const N: usize>(threads: [JoinHandle<T>; N]) -> [T; N] {
    threads.map(|thread| thread.join().unwrap())
}
