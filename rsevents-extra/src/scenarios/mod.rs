//! The races, for loom and for real threads: see the core's `raw/scenarios`.

mod countdown;
mod semaphore;

use crate::sync::testing::{Arc, JoinHandle, Plain, spawn};

/// An object under test, and plain memory for which only it makes an order.
struct Shared<T> {
    object: T,
    data: [Plain; 3],
}

fn shared<T>(object: T) -> Arc<Shared<T>> {
    Arc::new(Shared { object, data: Default::default() })
}

fn spawn_on<T: Send + Sync + 'static, R: Send + 'static>(
    shared: &Arc<Shared<T>>,
    run: impl FnOnce(&Shared<T>) -> R + Send + 'static,
) -> JoinHandle<R> {
    let shared = Arc::clone(shared);
    spawn(move || run(&shared))
}

fn join_all<T, const N: usize>(threads: [JoinHandle<T>; N]) -> [T; N] {
    threads.map(|thread| thread.join().unwrap())
}
