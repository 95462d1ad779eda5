//! A thread waits for one of several objects.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::Context;

use cpu_time::ThreadTime;
use rsevents::{AutoResetEvent, Wait, wait_any_async};

use crate::bench::{Bench, Row};
use crate::contenders::{crossbeam, each, ours};
use crate::measure::{Samples, Stopwatch, Taken};
use crate::objects::{Auto, Several, Single};
use crate::placement::Placement::{self, OneCore, TwoCores};
use crate::tasks::waker;
use crate::waiters::Waiters;
use crate::workers::{Work, Workers};

const ABOUT: &str = "\
A token goes round a ring of threads, each of which waits for one of its own auto-reset events, and then sets one of the
next thread's, another one each time: the time of a hop. Eight threads on one core park before their turn comes, so a hop
has all that it takes to join the queues, to be woken, and to leave the queues. Two threads on two cores may spin. In the
rows of one parked thread, one of its events is set after a millisecond: the time from the call of set until the wait has
returned, and the processor time of the whole wait. With one event, a thread waits in the ordinary way.

In the last rows, a future waits for one event: the time of a set and of the poll after it, and of a poll that has to wait
and of the drop. In the event's queue there is another wait, behind it in the first case and before it in the second: none,
one for this event alone, or one for this event or another one.";

/// Where the rings are.
pub(super) const ONE_CORE: (&str, &str, usize, Placement) =
    ("one_core", "ring of 8 on one core", 8, OneCore);
pub(super) const TWO_CORES: (&str, &str, usize, Placement) =
    ("two_cores", "two threads, two cores", 2, TwoCores);

/// Calls a generic function for each contender that waits for one of so many events.
macro_rules! each_of {
    ($objects:expr, $function:ident $arguments:tt) => {
        if $objects == 1 {
            $function::<Single<ours::AutoResetEvent>> $arguments;
            $function::<Single<crossbeam::Channel>> $arguments;
        } else {
            each!(several: $function $arguments);
        }
    };
}

pub(super) fn run(bench: &mut Bench) {
    bench.scenario("any", "Waits of threads for one of several events", ABOUT);
    let rings = [1, 2, 8, 64, 1000].map(|objects| (objects, ONE_CORE));
    for (objects, (name, title, threads, placement)) in
        rings.into_iter().chain([1, 2].map(|objects| (objects, TWO_CORES)))
    {
        let title = format!("Hop, {}, {title}", of(objects));
        let row = &mut bench.row(&format!("{objects}_{name}"), &title).pinned(placement);
        let workers = &Workers::new(threads, placement);
        each_of!(objects, hop(row, workers, objects));
    }
    for objects in [1, 2, 8, 64, 1000] {
        let title = format!("From a set until awake, {}", of(objects));
        let busy = &format!("{objects}_busy");
        let row = bench.row(&format!("{objects}_parked"), &title);
        let row = &mut row.with(busy, &format!("Processor time of a wait, {}", of(objects)));
        each_of!(objects, parked(row, busy, objects));
    }
    for (beside, name, title) in BESIDE {
        let title = format!("Wait for one event beside {title}: set, poll");
        set_and_poll(&mut bench.row(&format!("set_beside_{name}"), &title), beside);
    }
    for (beside, name, title) in BESIDE {
        let title = format!("Wait for one event beside {title}: register, drop");
        register_and_drop(&mut bench.row(&format!("drop_beside_{name}"), &title), beside);
    }
}

fn of(objects: usize) -> String {
    if objects == 1 { "a single wait".into() } else { format!("one of {objects}") }
}

pub(super) fn hop<S: Several>(row: &mut Row<'_>, workers: &Workers, objects: usize) {
    let threads = workers.size;
    row.measure(S::CONTENDER, |hops| {
        let rounds = hops.div_ceil(threads as u64);
        let events: Arc<[S]> = (0..threads).map(|_| S::new(objects)).collect();
        events[0].set(0); // the token starts with the first thread
        let work = (0..threads).map(|nth| {
            let events = Arc::clone(&events);
            Box::new(move || {
                let next = &events[(nth + 1) % threads];
                let mut wait = events[nth].waiter();
                for _ in 0..rounds {
                    next.set((wait() + 1) % objects);
                }
            }) as Work
        });
        workers.run(work).scaled(hops, rounds * threads as u64)
    });
}

pub(super) fn parked<S: Several>(row: &mut Row<'_>, row_of_busy: &str, objects: usize) {
    let mut parked = None; // started only if it is measured
    let mut busy = Samples::default();
    row.measure(S::CONTENDER, |times| {
        let parked = parked.get_or_insert_with(|| Parked::<S>::start(objects));
        let taken = (0..times).map(|_| parked.release()).fold(Taken::default(), Taken::plus);
        busy.push(times, parked.busy.swap(0, Ordering::Relaxed) as f64);
        taken
    });
    row.also(row_of_busy, S::CONTENDER, busy.median());
    if let Some(parked) = parked {
        parked.end();
    }
}

/// A thread that waits again and again.
struct Parked<S> {
    events: Arc<S>,
    objects: usize,
    is_over: Arc<AtomicBool>,
    /// The nanoseconds of processor time that its waits took.
    busy: Arc<AtomicU64>,
    waiter: Waiters,
    releases: usize,
}

impl<S: Several> Parked<S> {
    fn start(objects: usize) -> Self {
        let events = Arc::new(S::new(objects));
        let is_over = Arc::new(AtomicBool::new(false));
        let busy = Arc::new(AtomicU64::new(0));
        let (waited, ends, takes) = (Arc::clone(&events), Arc::clone(&is_over), Arc::clone(&busy));
        let waiter = Waiters::start(1, move |_, waits| {
            let mut wait = waited.waiter();
            while !ends.load(Ordering::Acquire) {
                waits.count(|| {
                    let cpu = ThreadTime::now();
                    wait();
                    takes.fetch_add(cpu.elapsed().as_nanos() as u64, Ordering::Relaxed);
                });
            }
        });
        Self { events, objects, is_over, busy, waiter, releases: 0 }
    }

    /// What it takes from a set until the thread is awake.
    fn release(&mut self) -> Taken {
        let nth = self.releases % self.objects;
        self.releases += 1;
        self.waiter.all_parked(self.releases);
        let watch = Stopwatch::start();
        self.events.set(nth);
        watch.stop_at(self.waiter.all_awake())
    }

    fn end(self) {
        self.is_over.store(true, Ordering::Release);
        self.events.set(0);
        self.waiter.join();
    }
}

/// Another wait in the queue of an event.
#[derive(Clone, Copy)]
enum Beside {
    Nothing,
    Single,
    Any,
}

const BESIDE: [(Beside, &str, &str); 3] = [
    (Beside::Nothing, "nothing", "no other"),
    (Beside::Single, "single", "another"),
    (Beside::Any, "any", "one for one of two"),
];

impl Beside {
    /// The wait, which is in the queues already.
    fn wait<'a>(
        self,
        events: [&'a AutoResetEvent; 2],
        context: &mut Context<'_>,
    ) -> Option<Pin<Box<dyn Future<Output = ()> + 'a>>> {
        let mut wait: Pin<Box<dyn Future<Output = ()>>> = match self {
            Self::Nothing => return None,
            Self::Single => Box::pin(events[0].wait_async()),
            Self::Any => {
                let wait = wait_any_async(&[events[0], events[1]]);
                Box::pin(async { _ = wait.await })
            }
        };
        assert!(wait.as_mut().poll(context).is_pending());
        Some(wait)
    }
}

fn set_and_poll(row: &mut Row<'_>, beside: Beside) {
    /// Prepared, and then measured. So few that all waits stay in the nearest cache, where a wait for one of two needs
    /// eleven times the room of a single one: the rows compare instructions, of which both take the same number.
    const BATCH: usize = 8;
    row.measure(<AutoResetEvent as Auto>::CONTENDER, |times| {
        let waker = waker();
        let context = &mut Context::from_waker(&waker);
        let events = [(); 1 + BATCH].map(|()| AutoResetEvent::default());
        let other_event = AutoResetEvent::default();
        let mut waits: Vec<Pin<Box<Wait<'_>>>> =
            events.iter().map(|event| Box::pin(event.wait_async())).collect();
        let batches = times.div_ceil(BATCH as u64);
        let mut taken = Taken::default();
        for _ in 0..batches {
            let mut others = Vec::with_capacity(events.len());
            for (event, wait) in events.iter().zip(&mut waits) {
                wait.set(event.wait_async());
                assert!(wait.as_mut().poll(context).is_pending());
                others.extend(beside.wait([event, &other_event], context));
            }
            let mut sets = events.iter().zip(&mut waits).map(|(event, wait)| {
                event.set();
                assert!(wait.as_mut().poll(context).is_ready());
            });
            sets.next(); // brings the code into the cache again
            let watch = Stopwatch::start();
            sets.for_each(drop);
            taken = taken.plus(watch.stop());
        }
        taken.scaled(times, batches * BATCH as u64)
    });
}

fn register_and_drop(row: &mut Row<'_>, beside: Beside) {
    row.measure(<AutoResetEvent as Auto>::CONTENDER, |times| {
        let waker = waker();
        let context = &mut Context::from_waker(&waker);
        let [event, other_event] = [(); 2].map(|()| AutoResetEvent::default());
        let _other = beside.wait([&event, &other_event], context);
        let mut wait = Box::pin(event.wait_async());
        let watch = Stopwatch::start();
        for _ in 0..times {
            wait.set(event.wait_async());
            assert!(wait.as_mut().poll(context).is_pending());
        }
        watch.stop()
    });
}
