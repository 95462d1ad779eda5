//! Contract 109, 111-113, 188, 192, 198, 201, 211 and 214 for waits for several objects of known types, which yield
//! what they have taken. They share the steps with those of `contract_several.rs` and `contract_all.rs`, which have
//! the rest.

mod support;

use std::cell::Cell;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use rsevents::{
    AutoResetEvent, Awaitable, Gate, ManualResetEvent, OneOf2, OneOf3, OneOf8, Part, Several,
    Signal, Source, Won, Yields,
};
use rsevents_extra::{CountdownEvent, Semaphore, SemaphoreGuard};
use support::gates::OfPermits;
use support::{
    Counting, FOREVER, SHORT, Task, allocations, assert_panics, block_on, file_of_panic, kept,
    past, scope, unset, wait_until, wait_until_parked, waits_for_all, watchdog_tests,
};

watchdog_tests! {
    c109_c198_the_winner_yields_a_guard,
    c112_c198_a_parked_wait_yields_a_guard,
    c109_c113_each_place_of_each_tuple,
    c188_c214_a_released_wait_that_is_dropped_yields_nothing,
    c198_only_what_has_passed_yields,
    c113_c198_all_yield_guards,
    c113_c198_a_parked_wait_for_all_yields_guards,
    c111_c201_c211_typed_waits_refuse_what_others_refuse,
    c192_typed_waits_need_no_memory,
    c198_an_object_that_panics_takes_no_permits_along,
    c198_a_proof_of_another_wait_yields_no_guard,
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

type Guard = SemaphoreGuard<'static>;

fn with_permits<const N: usize>(permits: [u16; N]) -> &'static [Semaphore; N] {
    kept(permits.map(|permits| Semaphore::new(permits, 9)))
}

fn counts<const N: usize>(semaphores: &[Semaphore; N]) -> [u16; N] {
    semaphores.each_ref().map(Semaphore::count)
}

/// Each form of a wait that passes at once.
macro_rules! for_each_form_of_any {
    ($objects:expr, $check:expr) => {{
        $check($objects.wait_any());
        $check($objects.wait_any0().unwrap());
        $check($objects.wait_any_for(Duration::ZERO).unwrap());
        $check($objects.wait_any_for(FOREVER).unwrap());
        $check($objects.wait_any_until(Instant::now() + FOREVER).unwrap());
        $check($objects.wait_any_until(past()).unwrap());
        $check(block_on($objects.wait_any_async()));
    }};
}

macro_rules! for_each_form_of_all {
    ($objects:expr, $check:expr) => {{
        $check($objects.wait_all());
        $check($objects.wait_all0().unwrap());
        $check($objects.wait_all_for(Duration::ZERO).unwrap());
        $check($objects.wait_all_for(FOREVER).unwrap());
        $check($objects.wait_all_until(Instant::now() + FOREVER).unwrap());
        $check($objects.wait_all_until(past()).unwrap());
        $check(block_on($objects.wait_all_async()));
    }};
}

fn c109_c198_the_winner_yields_a_guard() {
    let semaphores = with_permits([0, 2, 7]);
    let [empty, two, seven] = semaphores;
    let event: &AutoResetEvent = kept(unset());
    let request = seven.request(3);
    for_each_form_of_any!((event, empty, two), |won: OneOf3<(), Guard, Guard>| {
        let OneOf3::Third(guard) = won else { panic!("{won:?}") };
        assert_eq!((guard.permits(), counts(semaphores)), (1, [0, 1, 7]));
    });
    for_each_form_of_any!((event, &request), |won: OneOf2<(), Guard>| {
        let OneOf2::Second(guard) = won else { panic!("{won:?}") };
        assert_eq!((guard.permits(), counts(semaphores)), (3, [0, 2, 4]));
    });
    assert!(request.take().is_none(), "a second guard");
    for_each_form_of_any!([empty, two, seven], |(place, guard): (usize, Guard)| {
        assert_eq!((place, guard.permits(), counts(semaphores)), (1, 1, [0, 1, 7]));
    });
    for_each_form_of_any!(semaphores[..], |(place, guard): (usize, Guard)| {
        assert_eq!((place, guard.permits(), counts(semaphores)), (1, 1, [0, 1, 7]));
    });
    for_each_form_of_any!([event as &dyn Signal, &request], |place| {
        assert_eq!(place, 1);
        assert_eq!(request.take().expect("the winner's").permits(), 3);
    });
    assert_eq!(counts(semaphores), [0, 2, 7]);

    assert!((event, empty).wait_any0().is_none() && [empty].wait_any_for(SHORT).is_none());
    assert!(semaphores[..1].wait_any_until(Instant::now() + SHORT).is_none());
}

fn c112_c198_a_parked_wait_yields_a_guard() {
    let semaphores = with_permits([0, 0]);
    let [left, right] = semaphores;
    let stop: &ManualResetEvent = kept(unset());
    let check = |won: OneOf3<Guard, Guard, ()>| {
        let OneOf3::Second(guard) = won else { panic!("{won:?}") };
        assert_eq!((guard.permits(), counts(semaphores)), (1, [0, 1]));
        guard.forget();
        right.try_wait0_many(1).unwrap().forget();
    };
    scope(|scope| {
        let thread = scope.spawn(|| (left, right, stop).wait_any());
        wait_until_parked(stop, 1);
        right.release(2);
        check(thread.join().unwrap());
    });
    let mut task = Task::pending((left, right, stop).wait_any_async());
    right.release(2);
    let Poll::Ready(won) = task.poll() else { panic!("it was released") };
    check(won);
}

/// Each place wins, and each is needed.
fn c109_c113_each_place_of_each_tuple() {
    macro_rules! check {
        ($OneOf:ident, $($place:tt $event:ident $Place:ident),*) => {{
            let events: [AutoResetEvent; 8] = [(); 8].map(|()| unset());
            let [$($event,)* ..] = &events;
            let objects = ($($event,)*);
            $(
                events[$place].set();
                assert_eq!(objects.wait_any0(), Some(rsevents::$OneOf::$Place(())));
            )*
            $($event.set();)*
            assert!(objects.wait_all0().is_some() && objects.wait_any0().is_none());
            $(
                // All but this one.
                events.iter().for_each(AutoResetEvent::set);
                $event.reset();
                assert!(objects.wait_all0().is_none());
            )*
        }};
    }
    check!(OneOf2, 0 a First, 1 b Second);
    check!(OneOf3, 0 a First, 1 b Second, 2 c Third);
    check!(OneOf4, 0 a First, 1 b Second, 2 c Third, 3 d Fourth);
    check!(OneOf5, 0 a First, 1 b Second, 2 c Third, 3 d Fourth, 4 e Fifth);
    check!(OneOf6, 0 a First, 1 b Second, 2 c Third, 3 d Fourth, 4 e Fifth, 5 f Sixth);
    check!(OneOf7, 0 a First, 1 b Second, 2 c Third, 3 d Fourth, 4 e Fifth, 5 f Sixth, 6 g Seventh);
    check!(OneOf8, 0 a First, 1 b Second, 2 c Third, 3 d Fourth, 4 e Fifth, 5 f Sixth, 6 g Seventh, 7 h Eighth);
}

fn c188_c214_a_released_wait_that_is_dropped_yields_nothing() {
    let semaphores = with_permits([0, 0]);
    let [left, right] = semaphores;
    let any = Task::pending((left, right).wait_any_async());
    left.release(1);
    assert!(any.is_woken());
    drop(any);
    assert_eq!(counts(semaphores), [1, 0]);
    let all = Task::pending(semaphores[..].wait_all_async());
    right.release(1);
    assert!(all.is_woken());
    assert_eq!(counts(semaphores), [0, 0]);
    drop(all);
    assert_eq!(counts(semaphores), [1, 1]);
}

/// Counts how often it yields.
struct Counted {
    event: AutoResetEvent,
    yielded: AtomicUsize,
}

impl Counted {
    fn yielded(&self) -> usize {
        self.yielded.load(Ordering::Relaxed)
    }
}

impl Yields<'_> for Counted {
    type Taken = ();
    fn asks(&self) -> Part<'_> {
        self.event.part()
    }
    fn yields(&self, _: Won<'_>) {
        self.yielded.fetch_add(1, Ordering::Relaxed);
    }
}

fn c198_only_what_has_passed_yields() {
    let counted: &'static [Counted; 2] =
        kept([(); 2].map(|()| Counted { event: unset(), yielded: AtomicUsize::new(0) }));
    let yielded = || counted.each_ref().map(Counted::yielded);
    let [one, other] = counted;
    other.event.set();
    assert_eq!((one, other).wait_any(), OneOf2::Second(()));
    assert_eq!(yielded(), [0, 1]);
    let mut any = Task::pending([one, other].wait_any_async());
    one.event.set();
    assert_eq!((any.poll(), yielded()), (Poll::Ready((0, ())), [1, 1]));
    assert!([one, other].wait_any_for(SHORT).is_none() && counted[..].wait_all0().is_none());
    assert_eq!(yielded(), [1, 1]);
    let mut all = Task::pending(counted[..].wait_all_async());
    counted.iter().for_each(|counted| counted.event.set());
    assert!(all.poll().is_ready());
    assert_eq!(yielded(), [2, 2]);

    // Dropped after it was released.
    let any = Task::pending((one, other).wait_any_async());
    one.event.set();
    drop(any);
    let all = Task::pending((one, other).wait_all_async());
    other.event.set();
    drop(all);
    assert_eq!(yielded(), [2, 2]);
    assert!(counted.iter().all(|counted| counted.event.wait0()));
}

fn c113_c198_all_yield_guards() {
    let semaphores = with_permits([1, 2, 7]);
    let [one, two, seven] = semaphores;
    let (event, countdown): (&ManualResetEvent, &CountdownEvent) =
        (kept(true.into()), kept(CountdownEvent::new(0)));
    for_each_form_of_all!((one, event, two, countdown), |(one, (), two, ())| {
        let guards: [Guard; 2] = [one, two];
        assert_eq!((guards.map(|guard| guard.permits()), counts(semaphores)), ([1, 1], [1, 2, 7]));
    });
    for_each_form_of_all!([one, two, seven], |guards: [Guard; 3]| {
        assert_eq!(
            (guards.each_ref().map(|guard| guard.permits()), counts(semaphores)),
            ([1; 3], [0, 1, 6])
        );
    });
    for_each_form_of_all!(semaphores[..], |guards: Vec<Guard>| {
        assert_eq!((guards.len(), counts(semaphores)), (3, [0, 1, 6]));
    });
    let request: &'static _ = kept(seven.request(4));
    for_each_form_of_all!((one, request), |(one, four): (Guard, Guard)| {
        assert_eq!((one.permits(), four.permits(), counts(semaphores)), (1, 4, [0, 2, 3]));
    });
    assert!(request.take().is_none(), "a second guard");

    // One is missing, so nothing is taken.
    let held = one.wait();
    assert!((seven, one).wait_all0().is_none() && [two, one].wait_all_for(SHORT).is_none());
    assert!(semaphores[..].wait_all_until(Instant::now() + SHORT).is_none());
    assert_eq!(counts(semaphores), [0, 2, 7]);
    drop(held);
}

fn c113_c198_a_parked_wait_for_all_yields_guards() {
    let semaphores = with_permits([0, 1]);
    let [left, right] = semaphores;
    let check = |guards: [Guard; 2]| {
        assert_eq!(counts(semaphores), [0, 0]);
        let [one, other] = guards;
        one.forget();
        drop(other);
    };
    scope(|scope| {
        let thread = scope.spawn(|| [left, right].wait_all());
        wait_until(|| waits_for_all(right) == 1);
        left.release(1);
        check(thread.join().unwrap());
    });
    let mut task = Task::pending([left, right].wait_all_async());
    left.release(1);
    let Poll::Ready(guards) = task.poll() else { panic!("it was released") };
    check(guards);
    assert_eq!(counts(semaphores), [0, 1]);
}

/// The panic has the caller's location.
fn c111_c201_c211_typed_waits_refuse_what_others_refuse() {
    let none: [&'static Semaphore; 0] = [];
    let [semaphore] = with_permits([5]);
    let [one, two] = [1, 2].map(|permits| -> &'static _ { kept(semaphore.request(permits)) });
    let refused: [&dyn Fn(); 14] = [
        &|| _ = none.wait_any(),
        &|| _ = none.wait_any0(),
        &|| _ = none.wait_any_for(SHORT),
        &|| _ = none.wait_any_until(past()),
        &|| _ = none.wait_any_async(),
        &|| _ = [semaphore, semaphore].wait_all(),
        &|| _ = (semaphore, one).wait_all0(),
        &|| _ = (one, two).wait_all_for(SHORT),
        &|| _ = [one, two].wait_all_until(past()),
        &|| _ = [one, one].wait_all_async(),
        &|| _ = with_permits([])[..].wait_any(),
        &|| _ = with_permits([])[..].wait_any_async(),
        &|| _ = (one, semaphore).wait_all(),
        &|| _ = (one, semaphore).wait_all_async(),
    ];
    for wait in refused {
        assert_eq!(file_of_panic(wait), file!());
    }
    assert_eq!(semaphore.count(), 5);
    assert!(none.wait_all0().is_some() && with_permits([])[..].wait_all().is_empty());
    block_on(none.wait_all_async());
}

fn c192_typed_waits_need_no_memory() {
    let events: &[AutoResetEvent; 8] = kept([true; 8].map(AutoResetEvent::from));
    let [semaphore] = with_permits([1]);
    let [a, b, c, d, e, f, g, _] = events;
    // The first wait that parks makes the thread's place in the parking lot.
    let unset: [AutoResetEvent; 2] = [(); 2].map(|()| unset());
    assert!(unset[..].wait_any_for(SHORT).is_none());
    let before = allocations();
    assert!(matches!((semaphore, a).wait_any(), OneOf2::First(_)));
    assert!(matches!((a, b, c, d, e, f, g, semaphore).wait_any0(), Some(OneOf8::First(()))));
    a.set();
    assert!((a, b, c, d, e, f, g, semaphore).wait_all0().is_some());
    let context = &mut Context::from_waker(Waker::noop());
    assert!(pin!((a, b, semaphore).wait_any_async()).poll(context).is_ready());
    assert!(pin!(unset[..].wait_any_async()).poll(context).is_pending());
    assert!(pin!([a, b].wait_all_async()).poll(context).is_pending());
    assert!(unset[..].wait_any_for(SHORT).is_none());
    assert!((a, b, semaphore).wait_all_for(SHORT).is_none());
    assert_eq!(allocations(), before);
}

thread_local! {
    static IS_TAKEN: Cell<bool> = const { Cell::new(false) };
}

/// A source whose `taken` panics.
struct Panics(Gate<OfPermits>);

impl<'a> Source<'a> for Panics {
    type Rule = OfPermits;
    type Taken = Guard;
    fn gate(&'a self) -> &'a Gate<OfPermits> {
        &self.0
    }
    fn taken(&'a self) -> Guard {
        IS_TAKEN.set(true);
        panic!("no guard");
    }
}

fn c198_an_object_that_panics_takes_no_permits_along() {
    let semaphores = with_permits([1, 1]);
    let [first, last] = semaphores;
    let panics: &'static Panics = kept(Panics(Gate::new(9)));
    let mut value = 9;
    let waits: [&dyn Fn(); 4] = [
        &|| _ = (first, panics, last).wait_all(),
        &|| _ = block_on((first, panics, last).wait_all_async()),
        &|| _ = (panics, first).wait_any(),
        &|| _ = block_on((panics, last).wait_any_async()),
    ];
    for wait in waits {
        assert_panics(wait, &["no guard"]);
        value -= 1;
        assert!(IS_TAKEN.replace(false));
        assert_eq!((counts(semaphores), panics.0.value()), ([1, 1], value));
    }
}

/// Hands the proof that it gets to something else.
struct Forger<'a> {
    event: ManualResetEvent,
    other: &'a Semaphore,
}

impl<'a> Yields<'a> for Forger<'_> {
    type Taken = SemaphoreGuard<'a>;
    fn asks(&'a self) -> Part<'a> {
        self.event.part()
    }
    fn yields(&'a self, won: Won<'_>) -> SemaphoreGuard<'a> {
        self.other.yields(won)
    }
}

fn c198_a_proof_of_another_wait_yields_no_guard() {
    let [other, third] = with_permits([1, 1]);
    let forger = Forger { event: true.into(), other };
    assert_panics(|| _ = (&forger, third).wait_any(), &["has not taken"]);
    assert_panics(|| _ = (third, &forger).wait_all(), &["has not taken"]);
    assert_eq!((other.count(), third.count()), (1, 1));
}
