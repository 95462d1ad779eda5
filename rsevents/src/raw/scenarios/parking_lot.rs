//! What the protocol asks of the parking lot. On real threads these scenarios test the crate
//! `parking_lot_core`; under loom they test our model of it: both keep the same promises.

use std::sync::Mutex;
use std::time::Instant;

use crate::sync::filter::{FilterOp, ParkToken, unpark_filter};
use crate::sync::testing::{
    Arc, JoinHandle, Plain, SOON, explore_all, explore_up_to, spawn, yield_now,
};
use crate::sync::{
    self, DEFAULT_PARK_TOKEN, DEFAULT_UNPARK_TOKEN, ParkResult, RequeueOp, UnparkResult,
    UnparkToken,
};

/// A queue of our own, named by its address, and what the callbacks note of it under its lock.
#[derive(Default)]
struct Queue {
    ledger: Mutex<Ledger>,
    data: Plain,
}

#[derive(Default)]
struct Ledger {
    parked: usize,
    came: Vec<usize>,
    closed: bool,
}

impl Queue {
    fn key(&self) -> usize {
        core::ptr::from_ref(self).addr()
    }

    /// Parks unless the queue is closed. The ledger is kept in the callbacks, so it is right only
    /// if each runs in one step with what it reports. An unpark publishes the data.
    fn park(&self, name: usize, deadline: Option<Instant>) -> ParkResult {
        let validate = || {
            let mut ledger = self.ledger.lock().unwrap();
            if !ledger.closed {
                ledger.parked += 1;
                ledger.came.push(name);
            }
            !ledger.closed
        };
        let timed_out = |key, was_last| {
            let mut ledger = self.ledger.lock().unwrap();
            ledger.parked -= 1;
            ledger.came.retain(|other| *other != name);
            assert_eq!(key, self.key());
            assert_eq!(was_last, ledger.parked == 0);
        };
        let token = ParkToken(name);
        // SAFETY: the key is ours. If a callback panics, the test has failed.
        let result = unsafe { sync::park(self.key(), validate, || {}, timed_out, token, deadline) };
        assert!(!result.is_unparked() || self.data.get() == 7);
        result
    }

    /// Compares what both unparking functions report with the ledger.
    fn settle(&self, result: UnparkResult) {
        let mut ledger = self.ledger.lock().unwrap();
        ledger.parked -= result.unparked_threads;
        assert_eq!(result.have_more_threads, ledger.parked > 0);
    }

    /// Unparks the first thread, passes it `token`, and returns the name of that which came first.
    /// Closes the queue in the same step.
    fn unpark_one(&self, token: usize, closes: bool) -> Option<usize> {
        let mut first = None;
        let callback = |result: UnparkResult| {
            self.settle(result);
            let mut ledger = self.ledger.lock().unwrap();
            ledger.closed |= closes;
            first = (result.unparked_threads > 0).then(|| ledger.came.remove(0));
            UnparkToken(token)
        };
        // SAFETY: the key is ours. If the callback panics, the test has failed.
        let result = unsafe { sync::unpark_one(self.key(), callback) };
        assert_eq!(result.unparked_threads, usize::from(first.is_some()));
        first
    }

    fn unpark_if(&self, filter: impl Fn(usize) -> FilterOp, token: usize) -> UnparkResult {
        let callback = |result| {
            self.settle(result);
            UnparkToken(token)
        };
        // SAFETY: the key is ours. If a callback panics, the test has failed.
        unsafe { unpark_filter(self.key(), |name| filter(name.0), callback) }
    }
}

fn spawn_parked(
    queue: &Arc<Queue>,
    name: usize,
    deadline: Option<Instant>,
) -> JoinHandle<ParkResult> {
    let queue = Arc::clone(queue);
    spawn(move || queue.park(name, deadline))
}

/// What a park returns that got `token`, or that got none.
fn unparked_by(token: Option<usize>, otherwise: ParkResult) -> ParkResult {
    token.map_or(otherwise, |token| ParkResult::Unparked(UnparkToken(token)))
}

fn soon() -> Option<Instant> {
    Some(Instant::now() + SOON)
}

#[test]
fn refused_park_leaves_no_trace() {
    explore_all(1, || {
        let queue = Queue::default();
        queue.ledger.lock().unwrap().closed = true;
        assert_eq!(queue.park(1, None), ParkResult::Invalid);
        assert_eq!(queue.unpark_one(7, false), None);
    });
}

#[test]
fn lonely_park_times_out() {
    explore_all(1, || {
        let queue = Queue::default();
        assert_eq!(queue.park(1, soon()), ParkResult::TimedOut);
        assert_eq!(queue.unpark_one(7, false), None);
    });
}

#[test]
fn before_sleep_runs_outside_of_the_lock() {
    explore_all(1, || {
        let key = &0_u8;
        let key = core::ptr::from_ref(key).addr();
        let unpark_ourselves = || {
            // SAFETY: the key is the address of a local variable.
            unsafe { sync::unpark_one(key, |_| UnparkToken(7)) };
        };
        // SAFETY: likewise; `before_sleep` may unpark.
        let result = unsafe {
            sync::park(key, || true, unpark_ourselves, |_, _| {}, DEFAULT_PARK_TOKEN, None)
        };
        assert_eq!(result, ParkResult::Unparked(UnparkToken(7)));
    });
}

/// Either the unpark finds the thread, or the thread finds the queue closed.
#[test]
fn unpark_against_park() {
    explore_all(3, || unpark_against(None, true, ParkResult::Invalid));
}

/// Either the unpark comes in time or the timeout does; what was written before it comes with it.
#[test]
fn unpark_against_timeout() {
    explore_all(3, || unpark_against(soon(), false, ParkResult::TimedOut));
}

fn unpark_against(deadline: Option<Instant>, closes: bool, otherwise: ParkResult) {
    let queue = Arc::new(Queue::default());
    let waiter = spawn_parked(&queue, 1, deadline);
    queue.data.set(7);
    let token = queue.unpark_one(7, closes).map(|_| 7);
    assert_eq!(waiter.join().unwrap(), unparked_by(token, otherwise));
}

/// The first to come is the first to be unparked, and each unpark's token reaches its own thread.
#[test]
fn unparks_in_order_of_arrival() {
    explore_all(5_300, || {
        let queue = Arc::new(Queue::default());
        let waiters = [1, 2].map(|name| spawn_parked(&queue, name, soon()));
        queue.data.set(7);
        let unparked = [10, 20].map(|token| (queue.unpark_one(token, false), token));
        for (name, waiter) in (1..).zip(waiters) {
            let own = unparked.iter().find(|(unparked, _)| *unparked == Some(name));
            let expected = unparked_by(own.map(|(_, token)| *token), ParkResult::TimedOut);
            assert_eq!(waiter.join().unwrap(), expected);
        }
    });
}

/// A filter takes out the threads that it names, and all of them get the one token.
#[test]
fn filter_chooses() {
    explore_all(470, || {
        let queue = Arc::new(Queue::default());
        let waiters = [1, 2].map(|name| spawn_parked(&queue, name, None));
        while queue.ledger.lock().unwrap().parked < 2 {
            yield_now();
        }
        queue.data.set(7);
        let result = queue.unpark_if(|_| FilterOp::Stop, 0);
        assert_eq!((result.unparked_threads, result.have_more_threads), (0, true));
        let second_only = |name| {
            if name == 2 { FilterOp::Unpark } else { FilterOp::Skip }
        };
        assert_eq!(queue.unpark_if(second_only, 20).unparked_threads, 1);
        assert_eq!(queue.unpark_if(|_| FilterOp::Unpark, 10).unparked_threads, 1);
        let expected = [10, 20].map(|token| ParkResult::Unparked(UnparkToken(token)));
        assert_eq!(waiters.map(|waiter| waiter.join().unwrap()), expected);
    });
}

/// All leave a queue in one step, the first of them for good. A deadline then finds the others under
/// their new key, and an unpark in their old order.
#[test]
fn requeue_moves_all_but_the_first() {
    explore_up_to(3, 1_100, || {
        let old = Arc::new(Queue::default());
        let new_key = old.key() + 1;
        let waiters = [(1, None), (2, None), (3, soon())].map(|(name, deadline)| {
            let queue = Arc::clone(&old);
            let waiter = spawn(move || {
                let mut left = None;
                let validate = || {
                    queue.ledger.lock().unwrap().parked += 1;
                    true
                };
                let timed_out = |key, _| left = Some(key);
                let token = ParkToken(name);
                // SAFETY: the key is ours, and the callbacks do not panic.
                let result =
                    unsafe { sync::park(queue.key(), validate, || {}, timed_out, token, deadline) };
                (result, left)
            });
            while old.ledger.lock().unwrap().parked < name {
                yield_now();
            }
            waiter
        });
        let op = || RequeueOp::UnparkOneRequeueRest;
        // SAFETY: both keys are ours, and the callbacks do not panic.
        let result =
            unsafe { sync::unpark_requeue(old.key(), new_key, op, |_, _| UnparkToken(10)) };
        assert_eq!(result.unparked_threads, 1);
        let [second_unparked, third_unparked] = [20, 30].map(|token| {
            // SAFETY: likewise.
            let result = unsafe { sync::unpark_one(new_key, |_| UnparkToken(token)) };
            result.unparked_threads == 1
        });
        let [first, second, third] = waiters.map(|waiter| waiter.join().unwrap());
        assert_eq!(first, (ParkResult::Unparked(UnparkToken(10)), None));
        assert_eq!((second_unparked, second.0), (true, ParkResult::Unparked(UnparkToken(20))));
        let left = if result.requeued_threads == 2 { new_key } else { old.key() };
        let timed_out = (ParkResult::TimedOut, Some(left));
        let unparked = (ParkResult::Unparked(UnparkToken(30)), None);
        assert_eq!(third, if third_unparked { unparked } else { timed_out });
    });
}

/// A queue knows nothing of the threads under other keys.
#[test]
fn keys_are_apart() {
    explore_all(1, || {
        let (ours, theirs) = (Arc::new(Queue::default()), Queue::default());
        let waiter = spawn_parked(&ours, 1, soon());
        // SAFETY: the key is ours, and the callback does nothing.
        let result = unsafe { sync::unpark_one(theirs.key(), |_| DEFAULT_UNPARK_TOKEN) };
        assert_eq!(result, UnparkResult::default());
        assert_eq!(waiter.join().unwrap(), ParkResult::TimedOut);
    });
}
