//! A task that runs on the thread that starts it.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

/// How a task ends whose limit has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It is polled once more, as a timer of a runtime does that wakes it.
    Polled,
    /// It is dropped, also if it was released but not polled since. Half of the time it does not run when it is woken.
    Dropped,
}

/// Runs a task until it completes, or for at most `limit`. One poll in four is followed by another with a new waker: a
/// task whose newest waker is not woken sleeps on.
///
/// # Panics
///
/// If the task was woken, and was not ready then.
pub fn run<T>(future: impl Future<Output = T>, limit: Option<Duration>, end: End) -> Option<T> {
    let deadline = limit.map(|limit| Instant::now().checked_add(limit));
    let mut future = pin!(future);
    let mut poll = |alarm: &Arc<Alarm>| {
        let waker = Waker::from(Arc::clone(alarm));
        future.as_mut().poll(&mut Context::from_waker(&waker))
    };
    loop {
        let alarm = Arc::new(Alarm::new());
        if let Poll::Ready(value) = poll(&alarm) {
            return Some(value);
        }
        if fastrand::u8(..4) == 0 {
            continue;
        }
        let runs = end == End::Polled || fastrand::bool();
        if alarm.sleep(deadline.flatten(), runs) && runs {
            let Poll::Ready(value) = poll(&alarm) else { panic!("woken, but not ready") };
            return Some(value);
        }
        return match end {
            End::Polled => match poll(&alarm) {
                Poll::Ready(value) => Some(value),
                Poll::Pending => None,
            },
            End::Dropped => None,
        };
    }
}

/// What a waker wakes.
#[derive(Debug)]
pub struct Alarm {
    thread: Thread,
    is_woken: AtomicBool,
}

impl Alarm {
    /// One that wakes this thread.
    #[must_use]
    pub fn new() -> Self {
        Self { thread: thread::current(), is_woken: AtomicBool::new(false) }
    }

    /// Whether it was woken.
    #[must_use]
    pub fn is_woken(&self) -> bool {
        self.is_woken.load(Ordering::Acquire)
    }

    /// Sleeps until the deadline passes, or until it is woken, if that `ends` it. Returns whether it was woken.
    fn sleep(&self, deadline: Option<Instant>, ends: bool) -> bool {
        while !(ends && self.is_woken()) {
            match deadline.map(|deadline| deadline.saturating_duration_since(Instant::now())) {
                None => thread::park(),
                // A set that came before the deadline has woken it.
                Some(Duration::ZERO) => return self.is_woken(),
                Some(left) => thread::park_timeout(left),
            }
        }
        true
    }
}

impl Default for Alarm {
    fn default() -> Self {
        Self::new()
    }
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.is_woken.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rsevents::{AutoResetEvent, EventState};

    use super::{End, run};

    #[test]
    fn a_task_gives_up_at_its_limit_and_leaves_the_set_for_another() {
        let event = AutoResetEvent::new(EventState::Unset);
        let limit = Some(Duration::from_millis(1));
        for end in [End::Polled, End::Dropped] {
            assert_eq!(run(event.wait_async(), limit, end), None);
            event.set();
            assert!(event.is_set());
            assert_eq!(run(event.wait_async(), limit, end), Some(()));
            assert!(!event.is_set());
        }
    }
}
