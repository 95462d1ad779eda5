//! Races on real threads, named by the contract's numbers: 11, 13, 15, 17, 27, 30, 31, 33, 99.
//!
//! Bounded in `cargo test`. `RSEVENTS_STRESS=100 cargo test --release --test stress` multiplies the
//! rounds, and `--nocapture` shows how many there were and how the races ended.

mod support;

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rsevents::{AutoResetEvent, Awaitable, ManualResetEvent};
use support::{
    Aim, Event, FOREVER, Plain, Race, dawdle, parked, rounds, scope, set, unset, wait_until,
    wait_until_parked, watched,
};

/// One timed wait against one set, both started together, the set aimed at the deadline. Every tenth wait
/// is long enough to park, and the set waits until it has. `check` gets the result of the wait when both
/// are done.
fn set_against_timeout<E: Event>(name: &str, check: impl Fn(&E, bool)) {
    let event: E = unset();
    let (race, aim) = (Race::new(20_000), Aim::default());
    let parks = |round| round % 10 == 0;
    let (mut rounds, mut in_time) = (0, 0);
    scope(|scope| {
        scope.spawn(|| {
            let mut random = fastrand::Rng::with_seed(7);
            let part = |round| {
                if parks(round) {
                    for _ in 0..1_000 {
                        if parked(&event) > 0 {
                            break; // it may also be over already
                        }
                    }
                } else {
                    aim.wait(&mut random);
                }
                event.set();
            };
            race.run(part, drop);
        });
        let mut random = fastrand::Rng::with_seed(8);
        let part = |round| {
            let limit = if parks(round) { 50_000..200_000 } else { 1..4_000 };
            let limit = Duration::from_nanos(random.u64(limit));
            let start = Instant::now();
            let woken = event.wait_for(limit);
            assert!(woken || start.elapsed() >= limit, "timed out too early");
            if !parks(round) {
                aim.learn(woken);
            }
            woken
        };
        rounds = race.run(part, |woken| {
            check(&event, woken);
            event.reset();
            in_time += usize::from(woken);
        });
    });
    println!("{name}: {rounds} races, {in_time} sets in time, {} too late", rounds - in_time);
}

#[test]
fn c11_set_against_the_only_timeout() {
    watched(|| {
        set_against_timeout::<AutoResetEvent>("c11", |event, woken| {
            assert_eq!(event.wait0(), !woken, "a set must be taken or kept, not both or neither");
        });
    });
}

#[test]
fn c27_set_outlives_any_timeout() {
    watched(|| {
        set_against_timeout::<ManualResetEvent>("c27", |event, _| {
            assert!(event.wait0(), "the set is lost");
        });
    });
}

#[test]
fn c13_wait0_is_never_refused_by_contention() {
    watched(|| {
        let rounds = rounds(200_000);
        let event: AutoResetEvent = set();
        scope(|scope| {
            for _ in 0..16 {
                scope.repeat(|| event.set());
            }
            for _ in 0..rounds {
                assert!(event.wait0());
                event.set();
            }
        });
        println!("c13: {rounds} rounds");
    });
}

#[test]
fn c15_as_a_mutex() {
    watched(|| {
        const THREADS: usize = 6;
        let rounds = rounds(3_000);
        let mutex: AutoResetEvent = set();
        let counter = Plain::default();
        let inside = AtomicUsize::new(0);
        scope(|scope| {
            for seed in 0..THREADS {
                let (mutex, counter, inside) = (&mutex, &counter, &inside);
                scope.spawn(move || {
                    let mut random = fastrand::Rng::with_seed(seed as u64);
                    for _ in 0..rounds {
                        match random.u8(..3) {
                            0 => mutex.wait(),
                            1 => while !mutex.wait_for(Duration::from_micros(random.u64(..80))) {},
                            _ => wait_until(|| mutex.wait0()),
                        }
                        assert_eq!(inside.fetch_add(1, Ordering::Relaxed), 0, "two inside");
                        counter.set(counter.get() + 1);
                        if random.u8(..50) == 0 {
                            thread::yield_now(); // long enough for the others to fall asleep
                            dawdle(5_000);
                        }
                        inside.fetch_sub(1, Ordering::Relaxed);
                        mutex.set();
                    }
                });
            }
        });
        assert_eq!(counter.get(), THREADS * rounds);
        assert!(mutex.wait0());
        println!("c15: {} rounds", THREADS * rounds);
    });
}

#[test]
fn c17_each_set_is_taken_once_by_short_timeouts() {
    watched(|| {
        let sets = rounds(5_000);
        let event: AutoResetEvent = unset();
        let taken = AtomicUsize::new(0);
        scope(|scope| {
            for seed in 0..4 {
                let (event, taken) = (&event, &taken);
                let mut random = fastrand::Rng::with_seed(seed);
                scope.repeat(move || {
                    if event.wait_for(Duration::from_micros(random.u64(1..50))) {
                        taken.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
            for set in 1..=sets {
                event.set();
                wait_until(|| taken.load(Ordering::Relaxed) >= set);
                assert_eq!(taken.load(Ordering::Relaxed), set);
            }
        });
        assert_eq!(taken.into_inner(), sets);
        assert!(!event.wait0());
        println!("c17: {sets} sets");
    });
}

/// One thread sleeps through `set; reset`, another starts a new wait as soon as the first is out.
#[test]
fn c30_a_new_wait_is_not_released_by_the_set_before() {
    watched(|| {
        let event: ManualResetEvent = unset();
        let race = Race::new(2_000);
        let rounds = scope(|scope| {
            scope.spawn(|| {
                let part = |_| {
                    event.wait();
                    event.reset();
                    let again = event.wait_for(Duration::from_nanos(500));
                    assert!(!again, "released by the set before");
                };
                race.run(part, drop);
            });
            let part = |round| {
                if round % 2 == 0 {
                    wait_until_parked(&event, 1);
                }
                event.set();
            };
            race.run(part, |()| assert!(!event.is_set()))
        });
        println!("c30: {rounds} rounds");
    });
}

/// Whose turn it is stands in an atomic beside the events. In every `parking`th round each side
/// waits until the other one sleeps before it sets, otherwise it sets at once.
fn ping_pong_with_turns(name: &str, rounds: usize, parking: usize) {
    let events: [ManualResetEvent; 2] = [unset(), unset()];
    let turn = AtomicUsize::new(0);
    let play = |player: usize| {
        let (mine, other) = (&events[player], &events[1 - player]);
        for round in 0..rounds {
            mine.wait();
            mine.reset();
            assert_eq!(turn.load(Ordering::Relaxed), 2 * round + player, "woken out of turn");
            turn.fetch_add(1, Ordering::Relaxed);
            if round % parking == 0 && round + player + 1 < rounds {
                wait_until_parked(other, 1);
            }
            other.set();
        }
    };
    scope(|scope| {
        scope.spawn(|| play(1));
        events[0].set();
        play(0);
    });
    assert_eq!(turn.into_inner(), 2 * rounds);
    println!("{name}: {rounds} rounds");
}

#[test]
fn c31_never_woken_out_of_turn() {
    watched(|| ping_pong_with_turns("c31", rounds(20_000), 100));
}

#[test]
fn c31_never_woken_out_of_turn_from_sleep() {
    watched(|| ping_pong_with_turns("c31, asleep each time", rounds(1_000), 1));
}

#[test]
fn c33_the_last_operation_decides() {
    watched(|| {
        const WAITERS: usize = 3;
        let rounds = rounds(30);
        for round in 0..rounds {
            let event: ManualResetEvent = unset();
            let stop = AtomicBool::new(false);
            let left = AtomicUsize::new(0);
            scope(|scope| {
                for seed in 0..WAITERS {
                    let (event, stop, left) = (&event, &stop, &left);
                    scope.spawn(move || {
                        let mut random = fastrand::Rng::with_seed((WAITERS * round + seed) as u64);
                        while !stop.load(Ordering::Relaxed) {
                            event.wait_for(Duration::from_micros(random.u64(..30)));
                        }
                        event.wait();
                        left.fetch_add(1, Ordering::Relaxed);
                    });
                }
                let mutators = [0, 1, 2].map(|seed| {
                    let event = &event;
                    scope.spawn(move || {
                        let mut random = fastrand::Rng::with_seed((3 * round + seed) as u64);
                        for _ in 0..1_000 {
                            if random.bool() {
                                event.set()
                            } else {
                                event.reset()
                            }
                            dawdle(random.usize(..50));
                        }
                    })
                });
                for mutator in mutators {
                    mutator.join().unwrap();
                }
                event.reset();
                assert!(!event.wait0());
                stop.store(true, Ordering::Relaxed);
                wait_until_parked(&event, WAITERS);
                assert!(!event.wait0());
                event.set();
                assert!(event.wait0());
                assert_eq!(parked(&event), 0);
                wait_until(|| left.load(Ordering::Relaxed) == WAITERS);
            });
            assert!(event.wait_for(FOREVER));
        }
        println!("c33: {rounds} rounds");
    });
}

/// A set that returned before the deadline, by the clock of the thread that called it.
fn a_set_before_the_deadline_wins<E: Event>(name: &str) {
    let event: E = unset();
    let (race, aim) = (Race::new(20_000), Aim::default());
    let (epoch, set_at) = (Instant::now(), AtomicU64::new(0));
    let nanos = |at: Instant| u64::try_from((at - epoch).as_nanos()).unwrap();
    let (mut early, mut late) = (0, 0);
    let rounds = scope(|scope| {
        scope.spawn(|| {
            let mut random = fastrand::Rng::with_seed(9);
            let part = |_| {
                aim.wait(&mut random);
                event.set();
                set_at.store(nanos(Instant::now()), Ordering::Relaxed);
            };
            race.run(part, drop);
        });
        let mut random = fastrand::Rng::with_seed(10);
        let part = |_| {
            let deadline = Instant::now() + Duration::from_nanos(random.u64(500..3_000));
            let woken = event.wait_until(deadline);
            assert!(woken || Instant::now() >= deadline, "timed out too early");
            aim.learn(woken);
            (deadline, woken)
        };
        race.run(part, |(deadline, woken)| {
            let in_time = set_at.load(Ordering::Relaxed) < nanos(deadline);
            assert!(woken || !in_time, "a set before the deadline was missed");
            early += usize::from(in_time);
            late += usize::from(!woken);
            event.reset();
        })
    });
    println!("{name}: {rounds} races, {early} sets before the deadline, {late} waits failed");
}

#[test]
fn c99_auto_set_before_the_deadline_wins() {
    watched(|| a_set_before_the_deadline_wins::<AutoResetEvent>("c99 auto"));
}

#[test]
fn c99_manual_set_before_the_deadline_wins() {
    watched(|| a_set_before_the_deadline_wins::<ManualResetEvent>("c99 manual"));
}
