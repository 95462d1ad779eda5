//! Objects for which a wait for all waits all the time. In every other way they behave as those without.

use std::convert::Infallible;
use std::fmt;
use std::marker::PhantomPinned;
use std::pin::Pin;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Waker};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rsevents::{
    AutoResetEvent, Awaitable, ManualResetEvent, Part, Signal, TimeoutError, WaitAll, Won,
    wait_all, wait_all_async, wait_any_async, wait_any0,
};

use super::several::place;
use super::{Event, Task, parked, rounds, unset, wait_until, waits_for_all};

/// An event for which, from its first use on, a wait for all waits that never passes: that of a task or of a thread.
/// It must not be moved after that.
#[repr(C)] // the event is at its address
pub(crate) struct BesideAll<E: Event, const IS_THREAD: bool = false> {
    event: E,
    wait: OnceLock<Endless>,
    _pinned: PhantomPinned,
}

enum Endless {
    Task { wait: Option<Pin<Box<WaitAll>>>, _never: Arc<[ManualResetEvent; 2]> },
    Thread { wait: Option<JoinHandle<()>>, never: Arc<[AutoResetEvent; 2]> },
}

impl<E: Event, const IS_THREAD: bool> BesideAll<E, IS_THREAD> {
    fn event(&self) -> &E {
        self.wait.get_or_init(|| self.begin());
        &self.event
    }

    fn begin(&self) -> Endless {
        // SAFETY: the wait has ended when this is dropped, and so is freed or moved.
        let event: &'static E = unsafe { &*ptr::from_ref(&self.event) };
        let mut list: [&dyn Signal; 2] = [event, event];
        // So that the event is the first one, or the last.
        static BEGUN: AtomicUsize = AtomicUsize::new(0);
        let place = BEGUN.fetch_add(1, Ordering::Relaxed) % 2;
        if IS_THREAD {
            let never = Arc::new([unset(), unset()]);
            // SAFETY: as before.
            let objects: &'static [AutoResetEvent; 2] = unsafe { &*Arc::as_ptr(&never) };
            list[place] = &objects[0];
            let run = move || wait_all(&[list[0], list[1], &objects[1]]);
            let wait = thread::spawn(run);
            wait_until(|| waits_for_all(event) == 1);
            Endless::Thread { wait: Some(wait), never }
        } else {
            let never = Arc::new([unset(), unset()]);
            // SAFETY: as before.
            let objects: &'static [ManualResetEvent; 2] = unsafe { &*Arc::as_ptr(&never) };
            list[place] = &objects[0];
            let mut wait = Box::pin(wait_all_async(&[list[0], list[1], &objects[1]]));
            let is_pending =
                wait.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending();
            assert!(is_pending && waits_for_all(event) == 1);
            Endless::Task { wait: Some(wait), _never: never }
        }
    }
}

impl<E: Event, const IS_THREAD: bool> Drop for BesideAll<E, IS_THREAD> {
    fn drop(&mut self) {
        match self.wait.get_mut() {
            None => {}
            Some(Endless::Task { wait, .. }) => drop(wait.take()),
            Some(Endless::Thread { wait, never }) => {
                let wait = wait.take().expect("it is dropped once");
                never.iter().for_each(AutoResetEvent::set);
                while !wait.is_finished() {
                    self.event.set();
                    thread::yield_now();
                }
                if wait.join().is_err() && !thread::panicking() {
                    panic!("a wait for all has panicked");
                }
            }
        }
    }
}

impl<E: Event, const IS_THREAD: bool> fmt::Debug for BesideAll<E, IS_THREAD> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.event().fmt(f)
    }
}

impl<E: Event, const IS_THREAD: bool> Signal for BesideAll<E, IS_THREAD> {
    fn part(&self) -> Part<'_> {
        self.event().part()
    }

    fn won(&self, won: Won<'_>) {
        self.event().won(won);
    }
}

impl<E: Event, const IS_THREAD: bool> Awaitable<'_> for BesideAll<E, IS_THREAD> {
    type T = ();
    type Error = TimeoutError;

    fn try_wait(&self) -> Result<(), Infallible> {
        self.event().try_wait()
    }

    fn try_wait_for(&self, limit: Duration) -> Result<(), TimeoutError> {
        self.event().try_wait_for(limit)
    }

    fn try_wait_until(&self, deadline: Instant) -> Result<(), TimeoutError> {
        self.event().try_wait_until(deadline)
    }

    fn try_wait0(&self) -> Result<(), TimeoutError> {
        self.event().try_wait0()
    }
}

impl<E: Event, const IS_THREAD: bool> Event for BesideAll<E, IS_THREAD> {
    const CONSUMES: bool = E::CONSUMES;

    fn new(is_set: bool) -> Self {
        Self { event: E::new(is_set), wait: OnceLock::new(), _pinned: PhantomPinned }
    }

    fn set(&self) {
        self.event().set();
    }

    fn reset(&self) {
        self.event().reset();
    }

    fn is_set(&self) -> bool {
        self.event().is_set()
    }

    fn wait_async(&self) -> rsevents::Wait<'_> {
        self.event().wait_async()
    }
}

/// Each call on an event beside a wait for all returns what it returns on one without. Random calls of one thread,
/// and tasks.
pub(crate) fn calls_beside_a_wait_for_all_return_the_same<E: Event>() {
    const TASKS: usize = 4;
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    for round in 0..rounds(1_000) {
        let is_set = random.bool();
        let (beside, without) = (BesideAll::<E>::new(is_set), E::new(is_set));
        let others = [(); 2].map(|()| unset::<AutoResetEvent>());
        {
            let mut singles = [const { None::<[Task<_>; 2]> }; TASKS];
            let mut anys = [const { None::<[Task<_>; 2]> }; TASKS];
            for step in 0..40 {
                let task = random.usize(..TASKS);
                let call = random.u8(..14);
                let results: [(bool, Option<usize>); 2] = match call {
                    0..3 => {
                        beside.set();
                        without.set();
                        Default::default()
                    }
                    3 => {
                        beside.reset();
                        without.reset();
                        Default::default()
                    }
                    4 => [(beside.wait0(), None), (without.wait0(), None)],
                    5 => [beside.wait_for(Duration::ZERO), without.wait_for(Duration::ZERO)]
                        .map(|passed| (passed, None)),
                    6 => [(&others[0], &beside as &dyn Signal), (&others[1], &without)]
                        .map(|(other, object)| (false, wait_any0(&[other, object]))),
                    7 => {
                        let nanosecond = Duration::from_nanos(1);
                        [beside.wait_for(nanosecond), without.wait_for(nanosecond)]
                            .map(|passed| (passed, None))
                    }
                    8 if singles[task].is_none() && anys[task].is_none() => {
                        let mut pair =
                            [Task::new(beside.wait_async()), Task::new(without.wait_async())];
                        let results = pair.each_mut().map(|task| (task.is_ready(), None));
                        if !results[0].0 {
                            singles[task] = Some(pair);
                        }
                        results
                    }
                    9 if singles[task].is_none() && anys[task].is_none() => {
                        let mut pair = [
                            Task::new(wait_any_async(&[&others[0], &beside])),
                            Task::new(wait_any_async(&[&others[1], &without])),
                        ];
                        let results = pair.each_mut().map(|task| (false, place(task)));
                        if results[0].1.is_none() {
                            anys[task] = Some(pair);
                        }
                        results
                    }
                    10 | 11 => {
                        if let Some(mut pair) = singles[task].take() {
                            let results = pair.each_mut().map(|task| (task.is_ready(), None));
                            if !results[0].0 {
                                singles[task] = Some(pair);
                            }
                            results
                        } else if let Some(mut pair) = anys[task].take() {
                            let results = pair.each_mut().map(|task| (false, place(task)));
                            if results[0].1.is_none() {
                                anys[task] = Some(pair);
                            }
                            results
                        } else {
                            Default::default()
                        }
                    }
                    12 => {
                        drop((singles[task].take(), anys[task].take()));
                        Default::default()
                    }
                    13 => {
                        others.iter().for_each(AutoResetEvent::set);
                        others.iter().for_each(AutoResetEvent::reset);
                        Default::default()
                    }
                    _ => Default::default(),
                };
                let at = format!("step {step}, call {call} of round {round}, seed {seed}");
                assert_eq!(results[0], results[1], "{at}");
                assert_eq!(beside.is_set(), without.is_set(), "{at}");
                assert_eq!(format!("{beside:?}"), format!("{without:?}"), "{at}");
                let woken = |place: usize| {
                    let singles = singles.iter().flatten().map(|pair| pair[place].probe.wakes());
                    let anys = anys.iter().flatten().map(|pair| pair[place].probe.wakes());
                    singles.chain(anys).collect::<Vec<_>>()
                };
                assert_eq!(woken(0), woken(1), "{at}");
                assert_eq!(waits_for_all(&beside.event), 1, "{at}");
            }
        }
        assert_eq!((parked(&beside), parked(&without)), (0, 0));
    }
}
