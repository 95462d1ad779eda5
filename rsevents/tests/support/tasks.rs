//! Tasks that run step by step: wakers that count what is done with them, and an executor that polls in the order
//! of wake-ups.

use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, RawWaker, RawWakerVTable, Wake, Waker};
use std::thread::{self, Thread};

use super::wait_until;

/// What is done with a waker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    Clone,
    Drop,
    /// By value or by reference.
    Wake,
}

/// A waker that counts, and calls a function before each act.
pub(crate) struct Probe {
    waker: Waker,
    record: Arc<Record>,
}

struct Record {
    counts: [AtomicUsize; 3],
    hook: Box<dyn Fn(Act) + Send + Sync>,
}

impl Record {
    fn note(&self, act: Act) {
        self.counts[act as usize].fetch_add(1, Ordering::Relaxed);
        (self.hook)(act);
    }

    /// The record of a waker.
    ///
    /// # Safety
    ///
    /// The waker has this data, and it was not woken by value or dropped.
    unsafe fn of<'a>(data: *const ()) -> &'a Self {
        // SAFETY: it is from an `Arc`, of which the waker owns one reference.
        unsafe { &*data.cast::<Self>() }
    }

    /// As [`of`](Self::of), for a waker that is consumed.
    ///
    /// # Safety
    ///
    /// As for [`of`](Self::of).
    unsafe fn taken(data: *const ()) -> Arc<Self> {
        // SAFETY: as before.
        unsafe { Arc::from_raw(data.cast::<Self>()) }
    }
}

static VTABLE: RawWakerVTable = RawWakerVTable::new(
    |data| {
        // SAFETY: the waker is borrowed.
        unsafe { Record::of(data) }.note(Act::Clone);
        // SAFETY: as before. The clone owns this reference.
        unsafe { Arc::increment_strong_count(data.cast::<Record>()) };
        RawWaker::new(data, &VTABLE)
    },
    // SAFETY: the waker is consumed.
    |data| unsafe { Record::taken(data) }.note(Act::Wake),
    // SAFETY: the waker is borrowed.
    |data| unsafe { Record::of(data) }.note(Act::Wake),
    // SAFETY: the waker is consumed.
    |data| unsafe { Record::taken(data) }.note(Act::Drop),
);

impl Probe {
    pub(crate) fn new() -> Self {
        Self::with(drop)
    }

    /// `hook` is called before each act.
    pub(crate) fn with(hook: impl Fn(Act) + Send + Sync + 'static) -> Self {
        let record = Arc::new(Record { counts: Default::default(), hook: Box::new(hook) });
        let data = Arc::into_raw(Arc::clone(&record)).cast();
        // SAFETY: the functions take the data for what it is.
        let waker = unsafe { Waker::new(data, &VTABLE) };
        Self { waker, record }
    }

    /// A waker that panics when it is called.
    pub(crate) fn panicking() -> Self {
        Self::with(|act| assert!(act != Act::Wake, "the waker has panicked"))
    }

    /// A waker that, once it is called, returns when it `goes_on`.
    pub(crate) fn stuck(goes_on: &Arc<AtomicBool>) -> Self {
        let goes_on = Arc::clone(goes_on);
        Self::with(move |act| {
            if act == Act::Wake {
                wait_until(|| goes_on.load(Ordering::Relaxed));
            }
        })
    }

    /// A waker that panics when this is first done to it.
    pub(crate) fn panicking_once(act: Act) -> Self {
        let may_panic = AtomicBool::new(true);
        Self::with(move |now| {
            let panics = now == act && may_panic.swap(false, Ordering::Relaxed);
            assert!(!panics, "the waker has panicked");
        })
    }

    pub(crate) fn poll<F: Future>(&self, future: Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(&self.waker))
    }

    pub(crate) fn clones(&self) -> usize {
        self.count(Act::Clone)
    }

    /// Without being woken.
    pub(crate) fn drops(&self) -> usize {
        self.count(Act::Drop)
    }

    pub(crate) fn wakes(&self) -> usize {
        self.count(Act::Wake)
    }

    pub(crate) fn count(&self, act: Act) -> usize {
        self.record.counts[act as usize].load(Ordering::Relaxed)
    }
}

/// A future and its task's waker.
pub(crate) struct Task<F> {
    pub(crate) future: Pin<Box<F>>,
    pub(crate) probe: Probe,
}

impl<F: Future> Task<F> {
    pub(crate) fn new(future: F) -> Self {
        Self { future: Box::pin(future), probe: Probe::new() }
    }

    /// Polls the future once. It has to be pending.
    pub(crate) fn pending(future: F) -> Self {
        Self::pending_with(future, Probe::new())
    }

    pub(crate) fn pending_with(future: F, probe: Probe) -> Self {
        let mut task = Self { future: Box::pin(future), probe };
        assert!(task.poll().is_pending(), "ready at the first poll");
        task
    }

    pub(crate) fn poll(&mut self) -> Poll<F::Output> {
        self.probe.poll(self.future.as_mut())
    }

    /// Polls the future.
    pub(crate) fn is_ready(&mut self) -> bool {
        self.poll().is_ready()
    }

    pub(crate) fn is_woken(&self) -> bool {
        self.probe.wakes() > 0
    }

    /// Drops the future.
    pub(crate) fn cancel(self) -> Probe {
        drop(self.future);
        self.probe
    }
}

/// Runs a future on this thread, which is parked while it is pending.
pub(crate) fn block_on<T>(future: impl IntoFuture<Output = T>) -> T {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future.into_future());
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(result) => return result,
            Poll::Pending => thread::park(),
        }
    }
}

/// Polls tasks on one thread, in the order of their wake-ups.
pub(crate) struct Executor<'a> {
    tasks: Vec<(Waker, Option<Runnable<'a>>)>,
    woken: Receiver<usize>,
    wake: Sender<usize>,
}

type Runnable<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

impl<'a> Executor<'a> {
    pub(crate) fn new() -> Self {
        let (wake, woken) = mpsc::channel();
        Self { tasks: Vec::new(), woken, wake }
    }

    pub(crate) fn spawn(&mut self, future: impl Future<Output = ()> + 'a) {
        struct Enqueue(Sender<usize>, usize);
        impl Wake for Enqueue {
            fn wake(self: Arc<Self>) {
                let _ = self.0.send(self.1); // the executor may be gone
            }
        }
        let waker = Waker::from(Arc::new(Enqueue(self.wake.clone(), self.tasks.len())));
        waker.wake_by_ref();
        self.tasks.push((waker, Some(Box::pin(future))));
    }

    /// Returns when no task is left that is woken.
    pub(crate) fn run_until_stalled(&mut self) {
        while let Ok(task) = self.woken.try_recv() {
            self.poll(task);
        }
    }

    /// Returns when all tasks have ended.
    pub(crate) fn run(&mut self) {
        while self.tasks.iter().any(|(_, future)| future.is_some()) {
            let task = self.woken.recv().expect("the executor keeps a sender");
            self.poll(task);
        }
    }

    fn poll(&mut self, task: usize) {
        let (waker, place) = &mut self.tasks[task];
        let Some(future) = place else { return };
        if future.as_mut().poll(&mut Context::from_waker(waker)).is_ready() {
            *place = None;
        }
    }
}

/// Pins a future in memory that is never freed, and does not drop it.
pub(crate) fn leak<'a, F: 'a>(future: F) -> Pin<&'a mut F> {
    // Where leak detectors find them.
    static LEAKED: Mutex<Vec<AtomicPtr<()>>> = Mutex::new(Vec::new());
    let place = Box::into_raw(Box::new(future));
    LEAKED.lock().unwrap().push(AtomicPtr::new(place.cast()));
    // SAFETY: it is never freed, and only the caller uses it.
    let future = unsafe { &mut *place };
    // SAFETY: as before. It is not moved.
    unsafe { Pin::new_unchecked(future) }
}

/// A value that is never freed.
pub(crate) fn kept<T: 'static>(value: T) -> &'static T {
    leak(value).into_ref().get_ref()
}
