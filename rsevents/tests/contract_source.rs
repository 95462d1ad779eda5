//! What types of other crates can do with `Source`, `Gate` and `Awaitable`, each by itself and together. Most of this
//! is tested by being compiled.

mod support;

use std::convert::Infallible;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use rsevents::{
    Awaitable, AwaitableError, EventState, Gate, ManualResetEvent, Rule, Source, TimeoutError,
};

use support::{Executor, Task};

/// The value is the number of permits.
struct Permits;

impl Rule for Permits {
    fn take(value: u64, request: u32) -> Option<u64> {
        value.checked_sub(request.into())
    }

    fn hand_on(value: u64, request: u32) -> u64 {
        value + u64::from(request)
    }
}

/// Open at zero.
struct Open;

impl Rule for Open {
    const SHARED: bool = true;

    fn take(value: u64, _: u32) -> Option<u64> {
        (value == 0).then_some(value)
    }

    fn opens(value: u64) -> bool {
        value == 0
    }
}

struct Latch(Gate<Open>);

impl<'a> Source<'a> for Latch {
    type Rule = Open;
    type Taken = ();

    fn gate(&'a self) -> &'a Gate<Open> {
        &self.0
    }

    fn taken(&'a self) {}
}

struct Pool(Gate<Permits>);

struct Permit<'a>(&'a Pool);

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.0.0.add(1);
    }
}

impl<'a> Source<'a> for Pool {
    type Rule = Permits;
    type Taken = Permit<'a>;

    fn gate(&'a self) -> &'a Gate<Permits> {
        &self.0
    }

    fn taken(&'a self) -> Permit<'a> {
        Permit(self)
    }
}

/// A request that borrows the pool, and consumes for good. As it yields `()`, it has `wait_for` and `wait0`.
struct Consume<'p> {
    pool: &'p Pool,
    permits: u32,
}

impl<'a> Source<'a> for Consume<'_> {
    type Rule = Permits;
    type Taken = ();

    fn gate(&'a self) -> &'a Gate<Permits> {
        &self.pool.0
    }

    fn request(&self) -> u32 {
        self.permits
    }

    fn taken(&'a self) {}
}

/// Implements the trait by hand, and is generic.
struct Counted<A> {
    inner: A,
}

impl<'a, A, E> Awaitable<'a> for Counted<A>
where
    A: Awaitable<'a, T = (), Error = E>,
    E: AwaitableError<UnboundedError = Infallible>,
{
    type T = ();
    type Error = E;

    fn try_wait(&'a self) -> Result<(), Infallible> {
        self.inner.try_wait()
    }

    fn try_wait_for(&'a self, limit: Duration) -> Result<(), E> {
        self.inner.try_wait_for(limit)
    }
}

/// Implements the trait by hand.
struct Never;

impl Awaitable<'_> for Never {
    type T = Infallible;
    type Error = TimeoutError;

    fn try_wait(&self) -> Result<Infallible, Infallible> {
        unreachable!("is not waited for without a limit")
    }

    fn try_wait_for(&self, _: Duration) -> Result<Infallible, TimeoutError> {
        Err(TimeoutError)
    }
}

type Signals<'a> = [&'a dyn for<'b> Awaitable<'b, T = (), Error = TimeoutError>; 4];

const SHORT: Duration = Duration::from_millis(1);

#[test]
fn c101_all_forms_of_wait() {
    static POOL: Pool = Pool(Gate::new(2));
    let permit = POOL.wait();
    assert_eq!(POOL.0.value(), 1);
    assert!(Consume { pool: &POOL, permits: 1 }.wait_for(SHORT));
    assert!(!Consume { pool: &POOL, permits: 1 }.wait0());
    assert!(!Consume { pool: &POOL, permits: 1 }.wait_until(Instant::now()));
    assert!(POOL.try_wait_until(Instant::now() + SHORT).is_err());
    drop(permit);
    assert_eq!(POOL.try_wait0().map(|permit| permit.0.0.value()), Ok(0));
    assert_eq!(POOL.0.value(), 1);
}

#[test]
fn c101_beside_types_that_implement_the_trait_by_hand() {
    assert!(Never.try_wait0().is_err());
    let counted = Counted { inner: Latch(Gate::new(0)) };
    counted.wait();
    assert!(counted.wait0());
    assert!(Counted { inner: ManualResetEvent::new(EventState::Set) }.wait0());
}

#[test]
fn c224_as_trait_objects_and_through_shared_pointers() {
    static LATCH: Latch = Latch(Gate::new(0));
    let pool = Pool(Gate::new(3));
    let (event, request) = (ManualResetEvent::default(), Consume { pool: &pool, permits: 2 });
    let shared = Arc::new(Latch(Gate::new(1)));
    let signals: Signals<'_> = [&LATCH, &request, &event, &shared];
    let states = || signals.map(|signal| signal.try_wait0().is_ok());
    assert_eq!(states(), [true, true, false, false]);
    event.set();
    shared.0.sub(1);
    assert_eq!(states(), [true, false, true, true]);
    assert!(Rc::new(Latch(Gate::new(0))).wait0());
}

#[test]
fn c122_c157_tasks_get_what_a_wait_yields() {
    let pool = Pool(Gate::new(0));
    let [mut first, dropped] = [(); 2].map(|()| Task::pending(pool.wait_async()));
    let consume = Consume { pool: &pool, permits: 2 };
    let mut last = Task::pending(consume.wait_async());
    pool.0.add(1);
    let Poll::Ready(permit) = first.poll() else { panic!("the permit was the first task's") };
    assert!(!dropped.is_woken());
    drop(permit);
    assert!(dropped.is_woken() && !last.is_woken());
    // It has made no permit that would give back once more.
    drop(dropped);
    assert_eq!(pool.0.value(), 1);
    pool.0.add(2);
    assert_eq!(last.poll(), Poll::Ready(()));
    assert_eq!(pool.0.value(), 1);

    let latch = Latch(Gate::new(1));
    let mut executor = Executor::new();
    (0..2).for_each(|_| executor.spawn(latch.wait_async()));
    executor.run_until_stalled();
    latch.0.sub(1);
    executor.run();
    assert!(latch.wait0());
}
