// Code as users of the published crates write it.

use std::convert::Infallible;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use core_crate::{
    AutoResetEvent, Awaitable, AwaitableError, EventState, ManualResetEvent, State, TimeoutError,
};
use extra_crate::{CountdownEvent, Semaphore, SemaphoreGuard};

/// Not reached.
const LONG: Duration = Duration::from_secs(100);

static AUTO: AutoResetEvent = AutoResetEvent::new(State::Unset);
static MANUAL: ManualResetEvent = ManualResetEvent::new(EventState::Set);
static PERMITS: Semaphore = Semaphore::new(1, 4);
static COUNTDOWN: CountdownEvent = CountdownEvent::new(2);

/// Arms of a match, which have to be of type `()`.
fn command(event: &ManualResetEvent, command: &str) {
    match command {
        "set" => event.set(),
        "reset" => event.reset(),
        _ => event.wait(),
    }
}

fn commands() {
    for word in ["set", "wait", "reset", "set", ""] {
        command(&MANUAL, word);
    }
    assert!(MANUAL.wait0());
}

fn function_pointers() {
    let calls: [fn(&AutoResetEvent); 3] =
        [AutoResetEvent::set, AutoResetEvent::reset, |event| event.set()];
    let wait: fn(&'static AutoResetEvent) = AutoResetEvent::wait;
    let wait_for: fn(&'static AutoResetEvent, Duration) -> bool = AutoResetEvent::wait_for;
    let try_wait: fn(&'static AutoResetEvent) -> Result<(), Infallible> = Awaitable::try_wait;
    for call in calls {
        call(&AUTO);
    }
    wait(&AUTO);
    AUTO.set();
    assert!(wait_for(&AUTO, LONG));
    AUTO.set();
    try_wait(&AUTO).unwrap();
    assert!(!AUTO.wait0() && AUTO.try_wait0().is_err());
}

/// A worker with an event in an `Arc`, and one that it owns.
struct Worker {
    stop: Arc<ManualResetEvent>,
    idle: AutoResetEvent,
    permits: Arc<Semaphore>,
}

fn fields() {
    let worker = Arc::new(Worker {
        stop: Arc::new(ManualResetEvent::new(EventState::Unset)),
        idle: AutoResetEvent::new(State::Unset),
        permits: Arc::new(Semaphore::new(0, 1)),
    });
    let thread = {
        let worker = Arc::clone(&worker);
        thread::spawn(move || {
            worker.idle.set();
            worker.stop.wait();
            worker.permits.release(1);
        })
    };
    worker.idle.wait();
    worker.stop.set();
    thread.join().unwrap();
    assert!(Semaphore::wait_for(&worker.permits, LONG).is_ok());
}

/// Events on the stack, which another thread borrows.
fn borrowed_events() {
    let (start, done) = (AutoResetEvent::new(EventState::Unset), AutoResetEvent::new(EventState::Unset));
    thread::scope(|scope| {
        scope.spawn(|| {
            start.wait();
            done.set();
        });
        start.set();
        assert!(done.wait_for(LONG));
    });
}

/// An error that both kinds of waits are turned into.
#[derive(Debug, PartialEq)]
enum Failure {
    TimedOut,
}

impl From<TimeoutError> for Failure {
    fn from(_: TimeoutError) -> Self {
        Self::TimedOut
    }
}

fn both(one: &AutoResetEvent, other: &ManualResetEvent) -> Result<(), Failure> {
    one.try_wait_for(Duration::from_millis(1))?;
    other.try_wait0()?;
    Ok(())
}

fn errors() {
    let (one, other) = (AutoResetEvent::new(State::Set), ManualResetEvent::new(State::Set));
    assert_eq!((both(&one, &other), both(&one, &other)), (Ok(()), Err(Failure::TimedOut)));
    let error: Box<dyn Error + Send + Sync> = TimeoutError.into();
    assert!(!error.to_string().is_empty());
    let copied = TimeoutError;
    assert_eq!(format!("{TimeoutError:?}"), format!("{copied:?}"));
}

/// Something of the user's that can be waited for, and may be broken.
struct Connection {
    is_there: ManualResetEvent,
    is_broken: bool,
}

#[derive(Debug, PartialEq)]
enum ConnectionError {
    TimedOut,
    Broken,
}

#[derive(Debug, PartialEq)]
struct Broken;

impl fmt::Display for ConnectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl Error for ConnectionError {}
impl Error for Broken {}

impl AwaitableError for ConnectionError {
    type UnboundedError = Broken;
}

impl<'a> Awaitable<'a> for Connection {
    type T = &'a str;
    type Error = ConnectionError;

    fn try_wait(&'a self) -> Result<&'a str, Broken> {
        let Ok(()) = self.is_there.try_wait();
        if self.is_broken { Err(Broken) } else { Ok("connection") }
    }

    fn try_wait_for(&'a self, limit: Duration) -> Result<&'a str, ConnectionError> {
        match self.is_there.try_wait_for(limit) {
            Ok(()) => self.try_wait().map_err(|Broken| ConnectionError::Broken),
            Err(TimeoutError) => Err(ConnectionError::TimedOut),
        }
    }
}

/// Of whatever can be waited for.
fn first<'a, A: Awaitable<'a>>(object: &'a A, limit: Duration) -> Option<A::T> {
    object.try_wait_for(limit).ok()
}

fn all(objects: &[&dyn Fn() -> bool]) -> bool {
    objects.iter().all(|object| object())
}

fn awaitable_types_of_users() {
    let connection = |is_set, is_broken| Connection {
        is_there: ManualResetEvent::new(if is_set { State::Set } else { State::Unset }),
        is_broken,
    };
    assert_eq!(first(&connection(true, false), LONG), Some("connection"));
    assert_eq!(connection(true, true).try_wait(), Err(Broken));
    assert_eq!(connection(false, false).try_wait0(), Err(ConnectionError::TimedOut));
    let (manual, auto) = (ManualResetEvent::new(State::Set), AutoResetEvent::new(State::Set));
    assert_eq!(first(&manual, LONG), Some(()));
    assert!(all(&[&|| manual.wait0(), &|| auto.wait_for(Duration::ZERO)]));
}

/// A guard that is kept beside other things.
struct Session<'a> {
    permit: SemaphoreGuard<'a>,
}

fn semaphores() {
    let session = Session { permit: PERMITS.wait() };
    assert_eq!(PERMITS.count(), 0);
    assert!(PERMITS.wait_for(Duration::ZERO).is_err() && Awaitable::try_wait0(&PERMITS).is_err());
    drop(session.permit);
    PERMITS.release(2);
    assert!(!PERMITS.try_release(2) && PERMITS.try_release(1));
    let guard: Result<SemaphoreGuard<'_>, extra_crate::TimeoutError> = PERMITS.wait_for(LONG);
    guard.unwrap().forget();
    assert_eq!(PERMITS.count(), 3);
    let mut own = Semaphore::new(1, 9);
    own.modify(3);
    assert!(own.try_modify(-2));
    let count: u16 = own.count();
    assert_eq!(count, 2);
}

fn countdowns() {
    thread::spawn(|| COUNTDOWN.tick());
    COUNTDOWN.decrement();
    COUNTDOWN.wait();
    COUNTDOWN.reset(1);
    COUNTDOWN.increment();
    let count: usize = COUNTDOWN.count();
    assert_eq!((count, COUNTDOWN.wait0()), (2, false));
    assert!(extra_crate::Awaitable::try_wait_for(&COUNTDOWN, Duration::from_millis(1)).is_err());
}
