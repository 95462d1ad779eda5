//! A cache in which the first caller for a key computes its value, while other callers for that key wait for the
//! outcome, some of them with a limit. If it fails, they get the failure, and the next caller tries again.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock};
use std::thread;
use std::time::Duration;

use rsevents::ManualResetEvent;

use crate::Latch;

/// Before.
type Flag = (Mutex<bool>, Condvar);

impl Latch for Flag {
    fn new() -> Self {
        Self::default()
    }

    fn set(&self) {
        *self.0.lock().unwrap() = true;
        self.1.notify_all();
    }

    fn wait(&self) {
        let _done = self.1.wait_while(self.0.lock().unwrap(), |is_done| !*is_done).unwrap();
    }

    fn wait_for(&self, limit: Duration) -> bool {
        let guard = self.0.lock().unwrap();
        let (_done, result) = self.1.wait_timeout_while(guard, limit, |is_done| !*is_done).unwrap();
        !result.timed_out()
    }
}

type Outcome = Result<String, &'static str>;

/// What one caller computes and others wait for.
struct Slot<D> {
    outcome: OnceLock<Outcome>,
    done: D,
}

struct Cache<D>(Mutex<HashMap<u32, Arc<Slot<D>>>>);

impl<D: Latch> Cache<D> {
    /// The value of `key`. The first caller computes it, the others wait for at most `limit`, after which they get
    /// `None`.
    fn get(&self, key: u32, limit: Duration, compute: impl FnOnce() -> Outcome) -> Option<Outcome> {
        let mut slots = self.0.lock().unwrap();
        match slots.entry(key) {
            Entry::Occupied(entry) => {
                let slot = Arc::clone(entry.get());
                drop(slots);
                slot.done.wait_for(limit).then(|| slot.outcome.get().unwrap().clone())
            }
            Entry::Vacant(entry) => {
                let slot = Arc::new(Slot { outcome: OnceLock::new(), done: D::new() });
                entry.insert(Arc::clone(&slot));
                drop(slots);
                let outcome = compute();
                if outcome.is_err() {
                    self.0.lock().unwrap().remove(&key);
                }
                slot.outcome.set(outcome.clone()).unwrap();
                slot.done.set();
                Some(outcome)
            }
        }
    }
}

fn all_get_the_outcome_of_the_first<D: Latch>() {
    const LONG: Duration = Duration::from_secs(60);
    let cache = Cache::<D>(Mutex::default());
    let calls = AtomicU32::new(0);
    let [started, go_on] = [(); 2].map(|()| D::new());
    let call = |outcome: Outcome| {
        calls.fetch_add(1, Ordering::Relaxed);
        outcome
    };
    let expected = Ok("value".to_owned());
    thread::scope(|scope| {
        scope.spawn(|| {
            let compute = || {
                started.set();
                go_on.wait();
                call(Err("no connection"))
            };
            assert_eq!(cache.get(1, LONG, compute), Some(Err("no connection")));
        });
        started.wait();
        assert_eq!(cache.get(1, Duration::from_millis(5), || unreachable!()), None);
        // Another key does not wait for it.
        assert_eq!(cache.get(2, LONG, || call(expected.clone())), Some(expected.clone()));
        let others = [(); 3]
            .map(|()| scope.spawn(|| cache.get(1, LONG, || unreachable!("it has not failed yet"))));
        // They are there once they have the slot.
        let slot = Arc::clone(&cache.0.lock().unwrap()[&1]);
        while Arc::strong_count(&slot) < 3 + others.len() {
            thread::yield_now();
        }
        go_on.set();
        for other in others {
            assert_eq!(other.join().unwrap(), Some(Err("no connection")));
        }
    });
    assert_eq!(cache.get(1, LONG, || call(expected.clone())), Some(expected.clone()));
    assert_eq!(cache.get(1, LONG, || unreachable!("it is there")), Some(expected));
    assert_eq!(calls.into_inner(), 3);
}

#[test]
fn before() {
    all_get_the_outcome_of_the_first::<Flag>();
}

#[test]
fn after() {
    all_get_the_outcome_of_the_first::<ManualResetEvent>();
}
