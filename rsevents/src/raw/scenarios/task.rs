//! Tasks that a scenario polls itself. For both crates.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Wake, Waker};

use crate::sync::testing::{AtomicUsize, yield_now};

/// A future and the waker with which it is polled.
pub(crate) struct Task<F> {
    future: Pin<Box<F>>,
    woken: Arc<Woken>,
}

/// A waker that counts. Relaxed, so that it orders nothing.
#[derive(Default)]
pub(crate) struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Woken {
    /// How often.
    pub(crate) fn times(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

#[allow(dead_code, reason = "not every crate needs all of them")]
impl<F: Future> Task<F> {
    pub(crate) fn new(future: F) -> Self {
        Self { future: Box::pin(future), woken: Arc::default() }
    }

    /// A task that is waiting.
    pub(crate) fn queued(future: F) -> Self {
        let mut task = Self::new(future);
        assert!(!task.is_ready());
        task
    }

    pub(crate) fn poll(&mut self) -> Option<F::Output> {
        let waker = Waker::from(Arc::clone(&self.woken));
        match self.future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        }
    }

    pub(crate) fn is_ready(&mut self) -> bool {
        self.poll().is_some()
    }

    /// How often its present waker was woken.
    pub(crate) fn woken(&self) -> usize {
        self.woken.times()
    }

    /// Returns the old waker. The next poll is with another one.
    pub(crate) fn change_waker(&mut self) -> Arc<Woken> {
        std::mem::take(&mut self.woken)
    }

    /// Polls now, and once more when it is woken. Then it must be ready.
    pub(crate) fn finish(mut self) -> F::Output {
        if let Some(output) = self.poll() {
            return output;
        }
        while self.woken() == 0 {
            yield_now();
        }
        self.poll().expect("woken before it was released")
    }

    /// Checks tasks that a setter may be releasing, in this order. Contract 145: once one was seen released, all
    /// others are. Each that is released asserts what `released` does. Returns the others.
    pub(crate) fn check<const N: usize>(
        tasks: [Self; N],
        order: [usize; N],
        released: impl Fn(),
    ) -> impl Iterator<Item = Self> {
        let mut tasks = tasks.map(Some);
        let mut is_released = false;
        for place in order {
            let is_ready = tasks[place].as_mut().is_some_and(Self::is_ready);
            assert!(is_ready || !is_released, "released in part");
            is_released = is_ready;
            if is_ready {
                tasks[place] = None;
                released();
            }
        }
        tasks.into_iter().flatten()
    }

    /// The setter has returned, and has released it: it was woken once, and is ready.
    pub(crate) fn assert_woken(mut self) {
        assert_eq!(self.woken(), 1, "woken so often");
        assert!(self.is_ready(), "woken, and not released");
    }
}
