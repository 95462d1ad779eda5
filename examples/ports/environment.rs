//! A process may have an environment of LMDB open only once for each path, so those that open it share it. To close
//! it, a thread gives up its handle and waits until all others have done so.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, Weak};
use std::thread;
use std::time::Duration;

use rsevents::ManualResetEvent;
use synchronoise::SignalEvent;

use crate::Latch;

/// Before.
impl Latch for SignalEvent {
    fn new() -> Self {
        Self::manual(false)
    }

    fn set(&self) {
        self.signal();
    }

    fn wait(&self) {
        self.wait();
    }

    fn wait_for(&self, limit: Duration) -> bool {
        self.wait_timeout(limit)
    }
}

/// What is open.
struct Environments<C: Latch>(Mutex<HashMap<&'static str, Weak<Inner<C>>>>);

/// A handle.
struct Environment<C: Latch>(Arc<Inner<C>>);

struct Inner<C: Latch> {
    environments: Arc<Environments<C>>,
    closed: Arc<C>,
}

impl<C: Latch> Environments<C> {
    /// Opens the environment at `path`. If it is open, returns one more handle.
    fn open(self: &Arc<Self>, path: &'static str) -> Environment<C> {
        let mut opened = self.0.lock().unwrap();
        if let Some(inner) = opened.get(path).and_then(Weak::upgrade) {
            return Environment(inner);
        }
        let inner = Arc::new(Inner { environments: Arc::clone(self), closed: Arc::new(C::new()) });
        opened.insert(path, Arc::downgrade(&inner));
        Environment(inner)
    }

    fn is_open(&self, path: &str) -> bool {
        self.0.lock().unwrap().contains_key(path)
    }
}

impl<C: Latch> Environment<C> {
    /// Gives up the handle. Returns what is set once all have been given up.
    fn prepare_for_closing(self) -> Arc<C> {
        Arc::clone(&self.0.closed)
    }
}

impl<C: Latch> Drop for Inner<C> {
    fn drop(&mut self) {
        let this: *const Self = self;
        // Not one that was opened at the same path since the last handle was given up.
        self.environments.0.lock().unwrap().retain(|_, inner| inner.as_ptr() != this);
        self.closed.set();
    }
}

fn the_last_handle_closes<C: Latch>() {
    let environments = Arc::new(Environments::<C>(Mutex::default()));
    let first = environments.open("data.mdb");
    let others = [(); 3].map(|()| environments.open("data.mdb"));
    let closed = first.prepare_for_closing();
    assert!(!closed.wait_for(Duration::from_millis(10)), "there are other handles");
    thread::scope(|scope| {
        for other in others {
            scope.spawn(|| drop(other));
        }
        closed.wait();
        assert!(!environments.is_open("data.mdb"));
    });
    // One that was opened again has an event of its own.
    let again = environments.open("data.mdb");
    assert!(closed.wait_for(Duration::ZERO));
    assert!(!again.0.closed.wait_for(Duration::ZERO));
}

#[test]
fn before() {
    the_last_handle_closes::<SignalEvent>();
}

#[test]
fn after() {
    the_last_handle_closes::<ManualResetEvent>();
}
