//! Events that are wrong, to see that the recorder and the search find it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;

use super::campaign::batch;
use super::objects::event::Event;
use super::record::Subject;
use crate::spec::Kind;

/// One must be found out within this time.
const LIMIT: Duration = Duration::from_secs(60);

/// An auto event whose wait looks first and takes then, so that two may take one set.
struct Doubling(AtomicBool);

/// A manual event whose timed waits take back on leaving what came meanwhile.
struct Losing(AtomicBool);

/// An auto event whose timed waits do not wait to the end.
struct Hasty(AtomicBool);

fn polled(wait0: impl Fn() -> bool, limit: Duration) -> bool {
    let start = Instant::now();
    loop {
        if wait0() {
            return true;
        }
        if start.elapsed() >= limit {
            return false;
        }
        thread::yield_now();
    }
}

macro_rules! broken {
    ($event:ty, $kind:expr, $wait0:expr, $wait_for:expr) => {
        impl Event for $event {
            const KIND: Kind = $kind;

            fn new(is_set: bool) -> Self {
                Self(AtomicBool::new(is_set))
            }

            fn set(&self) {
                self.0.store(true, Ordering::SeqCst);
            }

            fn reset(&self) {
                self.0.store(false, Ordering::SeqCst);
            }

            fn is_set(&self) -> bool {
                self.0.load(Ordering::SeqCst)
            }

            fn wait0(&self) -> bool {
                $wait0(self)
            }

            fn wait_for(&self, limit: Duration) -> bool {
                $wait_for(self, limit)
            }

            fn wait_until(&self, deadline: Instant) -> bool {
                self.wait_for(deadline.saturating_duration_since(Instant::now()))
            }

            fn wait(&self) {
                polled(|| self.wait0(), Duration::MAX);
            }
        }
    };
}

broken!(
    Doubling,
    Kind::Auto,
    |event: &Self| {
        let is_set = event.is_set();
        if is_set {
            thread::yield_now();
            event.reset();
        }
        is_set
    },
    |event: &Self, limit| polled(|| event.wait0(), limit)
);

broken!(Losing, Kind::Manual, Self::is_set, |event: &Self, limit| {
    let is_set = polled(|| event.is_set(), limit);
    if !is_set {
        thread::yield_now();
        event.reset();
    }
    is_set
});

broken!(
    Hasty,
    Kind::Auto,
    |event: &Self| event.0.swap(false, Ordering::SeqCst),
    |event: &Self, limit: Duration| polled(|| event.wait0(), limit / 2)
);

/// Looks for what is wrong with each of them, and returns how many there are.
///
/// # Errors
///
/// The name of one with which nothing was found wrong.
pub fn check(random: &mut Rng) -> Result<usize, &'static str> {
    let found_out = [
        ("doubling", is_found_out::<Doubling>(random)),
        ("losing", is_found_out::<Losing>(random)),
        ("hasty", is_found_out::<Hasty>(random)),
    ];
    match found_out.iter().find(|(_, is_found_out)| !is_found_out) {
        Some((name, _)) => Err(name),
        None => Ok(found_out.len()),
    }
}

fn is_found_out<S: Subject>(random: &mut Rng) -> bool {
    let start = Instant::now();
    while start.elapsed() < LIMIT {
        if batch::<S>(LIMIT, random).violations > 0 {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An event that nobody ever wakes.
    struct Deaf(Losing);

    impl Event for Deaf {
        const KIND: Kind = Kind::Manual;

        fn new(is_set: bool) -> Self {
            Self(Event::new(is_set))
        }

        fn set(&self) {
            self.0.set();
        }

        fn reset(&self) {
            self.0.reset();
        }

        fn is_set(&self) -> bool {
            self.0.is_set()
        }

        fn wait0(&self) -> bool {
            self.is_set()
        }

        fn wait_for(&self, limit: Duration) -> bool {
            polled(|| self.is_set(), limit)
        }

        fn wait_until(&self, deadline: Instant) -> bool {
            polled(|| self.is_set(), deadline.saturating_duration_since(Instant::now()))
        }

        fn wait(&self) {
            if !self.is_set() {
                loop {
                    thread::park();
                }
            }
        }
    }

    #[test]
    fn the_broken_are_found_out() {
        assert_eq!(check(&mut Rng::with_seed(1)), Ok(3));
    }

    #[test]
    fn a_stall_shows_the_call_that_did_not_return() {
        let tally = batch::<Deaf>(Duration::from_millis(500), &mut Rng::with_seed(1));
        let [text] = &tally.texts[..] else { panic!("no stall was seen") };
        assert!(text.contains("did not return"));
        assert!(text.contains("Wait ..."));
        assert!(text.contains("never"));
    }
}
