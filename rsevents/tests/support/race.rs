//! Races of threads, repeated until they were close often enough.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::{Plain, parked, rounds, scope, spin, wait_until, waits_for_all};

/// Two threads that do something at the same time, again and again.
pub(crate) struct Race {
    rounds: usize,
    end_of_time: Instant,
    is_over: AtomicBool,
    starts: Rendezvous,
    ends: Rendezvous,
}

impl Race {
    /// Where two threads share a busy core, rounds take milliseconds and hardly race. More of them than this
    /// time allows would tell nothing.
    const LONG_ENOUGH: Duration = Duration::from_secs(1);

    /// `times` rounds, multiplied as by [`rounds`].
    pub(crate) fn new(times: usize) -> Self {
        Self::within(times, Self::LONG_ENOUGH)
    }

    fn within(times: usize, time: Duration) -> Self {
        Self {
            rounds: rounds(times),
            end_of_time: Instant::now() + time * rounds(1).try_into().unwrap(),
            is_over: AtomicBool::new(false),
            starts: Rendezvous::default(),
            ends: Rendezvous::default(),
        }
    }

    /// To be called by both threads. `part` runs at the same time as the other thread's part of that round,
    /// `after` when both have returned. Returns the number of rounds.
    pub(crate) fn run<T>(
        &self,
        mut part: impl FnMut(usize) -> T,
        mut after: impl FnMut(T),
    ) -> usize {
        for round in 1..=self.rounds {
            self.starts.meet(round);
            let result = part(round);
            if Instant::now() >= self.end_of_time {
                self.is_over.store(true, Ordering::Relaxed);
            }
            self.ends.meet(round);
            after(result);
            // Neither thread stores to it between this and the next start.
            if self.is_over.load(Ordering::Relaxed) {
                return round;
            }
        }
        self.rounds
    }
}

/// A barrier for two threads that costs them no system call while both have a core.
#[derive(Default)]
struct Rendezvous(AtomicUsize);

impl Rendezvous {
    /// Returns once both threads have called it for the `round`th time, counted from one.
    fn meet(&self, round: usize) {
        self.0.fetch_add(1, Ordering::AcqRel);
        for _ in 0..1_000 {
            if self.0.load(Ordering::Acquire) >= 2 * round {
                return;
            }
            std::hint::spin_loop();
        }
        wait_until(|| self.0.load(Ordering::Acquire) >= 2 * round);
    }
}

/// Aims a step at one of another thread, as a release at the deadline of a wait: each round in which it came too early
/// delays the next one a little, each in which it came too late hastens it. So a race is close on any machine, under
/// any load.
#[derive(Default)]
pub(crate) struct Aim(AtomicUsize);

impl Aim {
    /// Longer than any wait that is aimed at. Where two threads have to share a core, each step comes
    /// early, whatever the aim.
    const MOST_ITERATIONS: usize = 1 << 14;

    /// Passes the time until the step, give or take some.
    pub(crate) fn wait(&self) {
        let iterations = self.0.load(Ordering::Relaxed);
        spin(fastrand::usize(iterations / 2..=iterations + iterations / 2));
    }

    pub(crate) fn learn(&self, came_early: bool) {
        let now = self.0.load(Ordering::Relaxed);
        let better = if came_early { now + 1 + now / 64 } else { now - now.div_ceil(64) };
        self.0.store(better.min(Self::MOST_ITERATIONS), Ordering::Relaxed);
    }
}

/// Contract 11, 27, 49, 76, 99: one timed wait against one release, started together, with the release aimed
/// at the deadline. In every tenth round the wait is long enough to park, and the release waits until it
/// has. Ten rounds with a limit alternate with ten with a deadline, `times` of each.
///
/// A wait fails only after its deadline, and only if the release had not returned by then. `after` gets the
/// result of the wait when both are done. It checks what is left, and takes it.
pub(crate) fn release_races_timeout<O: Sync>(
    times: usize,
    object: &O,
    release: impl Fn(&O) + Sync,
    wait_for: impl Fn(&O, Duration) -> bool,
    wait_until: impl Fn(&O, Instant) -> bool,
    after: impl Fn(&O, bool),
) {
    // Two races in one, with a limit and with a deadline.
    let race = Race::within(2 * times, 2 * Race::LONG_ENOUGH);
    let aims = <[Aim; 2]>::default();
    let (epoch, released_at) = (Instant::now(), AtomicU64::new(0));
    let nanos = |at: Instant| u64::try_from((at - epoch).as_nanos()).unwrap();
    let parks = |round| round % 10 == 0;
    let has_limit = |round| round / 10 % 2 == 0;
    let aim = |round| &aims[usize::from(has_limit(round))];
    scope(|scope| {
        scope.spawn(|| {
            let part = |round| {
                if parks(round) {
                    // The wait may also be over already.
                    (0..1_000).find(|_| parked(object) + waits_for_all(object) > 0);
                } else {
                    aim(round).wait();
                }
                release(object);
                released_at.store(nanos(Instant::now()), Ordering::Relaxed);
            };
            race.run(part, drop);
        });
        let part = |round| {
            let limit = match round {
                _ if parks(round) => 50_000..200_000,
                _ if has_limit(round) => 1..4_000,
                _ => 500..3_000,
            };
            let limit = Duration::from_nanos(fastrand::u64(limit));
            let deadline = Instant::now() + limit;
            let succeeded = if has_limit(round) {
                wait_for(object, limit)
            } else {
                wait_until(object, deadline)
            };
            assert!(succeeded || Instant::now() >= deadline, "timed out too early");
            if !parks(round) {
                aim(round).learn(succeeded);
            }
            (deadline, succeeded)
        };
        let (mut in_time, mut failed) = (0, 0);
        let rounds = race.run(part, |(deadline, succeeded)| {
            let is_in_time = released_at.load(Ordering::Relaxed) < nanos(deadline);
            assert!(succeeded || !is_in_time, "a release before the deadline was missed");
            after(object, succeeded);
            in_time += usize::from(is_in_time);
            failed += usize::from(!succeeded);
        });
        println!("{rounds} races, {in_time} releases before the deadline, {failed} waits failed");
    });
}

/// Contract 15, 78, 90: of six threads that enter a critical section `times` times each (multiplied as by
/// [`rounds`]), never more than `most` are inside, and one alone may use plain memory. `enter` has to call
/// the function that it gets while it holds what it has acquired.
pub(crate) fn mutual_exclusion(most: usize, times: usize, enter: impl Fn(&dyn Fn()) + Sync) {
    const THREADS: usize = 6;
    let rounds = rounds(times);
    let (inside, counter) = (AtomicUsize::new(0), Plain::default());
    let critical_section = |yields: bool| {
        assert!(inside.fetch_add(1, Ordering::Relaxed) < most, "too many threads are inside");
        if most == 1 {
            counter.set(counter.get() + 1);
        }
        if yields {
            thread::yield_now(); // long enough for the others to park
            spin(5_000);
        }
        inside.fetch_sub(1, Ordering::Relaxed);
    };
    scope(|scope| {
        scope.spawn_each(THREADS, || {
            for _ in 0..rounds {
                let yields = fastrand::u8(..50) == 0;
                enter(&|| critical_section(yields));
            }
        });
    });
    assert!(most > 1 || counter.get() == THREADS * rounds);
    println!("{rounds} rounds of {THREADS} threads");
}
