//! A simple executor: tasks in one thread, in the order in which they are woken. The same for all contenders.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Wake, Waker};

thread_local! {
    /// The numbers of the tasks that were woken.
    static WOKEN: RefCell<VecDeque<usize>> = const { RefCell::new(VecDeque::new()) };
}

/// The number of a task.
struct Number(usize);

impl Wake for Number {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        WOKEN.with_borrow_mut(|woken| woken.push_back(self.0));
    }
}

/// Wakes no task.
struct Nothing;

impl Wake for Nothing {
    fn wake(self: Arc<Self>) {}
}

/// A waker for futures that are polled by hand. Unlike the waker that does nothing at all, it is counted, as those of
/// executors are.
pub(crate) fn waker() -> Waker {
    Arc::new(Nothing).into()
}

/// Tasks of the thread that has made them.
pub(crate) struct Tasks<F> {
    tasks: Vec<Task<F>>,
}

struct Task<F> {
    /// Until it is done.
    future: Option<Pin<Box<F>>>,
    waker: Waker,
}

impl<F: Future<Output = ()>> Tasks<F> {
    /// Starts all of them.
    pub(crate) fn start(futures: impl IntoIterator<Item = F>) -> Self {
        WOKEN.take(); // of others before
        let waker = |nth| Waker::from(Arc::new(Number(nth)));
        let task = |(nth, future)| Task { future: Some(Box::pin(future)), waker: waker(nth) };
        let tasks: Vec<_> = futures.into_iter().enumerate().map(task).collect();
        tasks.iter().for_each(|task| task.waker.wake_by_ref());
        let mut tasks = Self { tasks };
        tasks.run();
        tasks
    }

    /// Polls those that were woken, until none is.
    pub(crate) fn run(&mut self) {
        while let Some(nth) = WOKEN.with_borrow_mut(VecDeque::pop_front) {
            let Task { future, waker } = &mut self.tasks[nth];
            let Some(running) = future else { continue };
            if running.as_mut().poll(&mut Context::from_waker(waker)).is_ready() {
                *future = None;
            }
        }
    }

    /// Whether all are done.
    pub(crate) fn are_done(&self) -> bool {
        self.tasks.iter().all(|task| task.future.is_none())
    }
}
